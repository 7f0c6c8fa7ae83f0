import { TextInput } from "@mantine/core";
import { IconChevronRight, IconSearch } from "@tabler/icons-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Provider, Reference, Way } from "@/api/types";
import { useText } from "@/i18n/text";
import { Chip } from "@/ui/Chip";
import classes from "./WayPicker.module.css";

interface WayPickerProps {
  providers: readonly Provider[];
  onChoose: (way: Reference) => void;
}

/** The ways of a provider, those that have ended last. */
function livingFirst(ways: readonly Way[]): Way[] {
  return [...ways.filter(({ ended }) => !ended), ...ways.filter(({ ended }) => ended)];
}

/** Every way of every provider, to search and to choose from. */
export function WayPicker({ providers, onChoose }: WayPickerProps) {
  const { t } = useTranslation();
  const text = useText();
  const [search, setSearch] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  const wanted = search.trim().toLowerCase();
  const groups = providers
    .map((provider) => ({
      provider,
      ways: livingFirst(provider.ways).filter((way) =>
        [text(way.title), text(way.help), text(provider.title), way.id, provider.kind].some((word) =>
          word.toLowerCase().includes(wanted),
        ),
      ),
    }))
    .filter(({ ways }) => ways.length > 0);
  const first = groups[0];

  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const stops = [...(frame.current?.querySelectorAll<HTMLElement>("input, button[data-way]") ?? [])];
    const at = stops.findIndex((stop) => stop === document.activeElement);
    stops[Math.min(stops.length - 1, Math.max(0, at + step))]?.focus();
  };
  return (
    <div ref={frame} className={classes.picker} onKeyDown={move}>
      <TextInput
        type="search"
        data-autofocus
        autoFocus
        aria-label={t("accounts.pick.search")}
        placeholder={t("accounts.pick.search")}
        leftSection={<IconSearch size={14} />}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          const way = first?.ways[0];
          if (event.key !== "Enter" || !way) return;
          // The form that comes would take the same key press as its own.
          event.preventDefault();
          onChoose({ provider: first.provider.kind, way: way.id });
        }}
      />
      <div className={classes.groups}>
        {groups.map(({ provider, ways }) => (
          <section key={provider.kind} aria-label={text(provider.title)}>
            <h3 className={classes.provider}>{text(provider.title)}</h3>
            <ul className={classes.ways}>
              {ways.map((way) => (
                <li key={way.id}>
                  <WayRow
                    way={way}
                    onChoose={() => {
                      onChoose({ provider: provider.kind, way: way.id });
                    }}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {groups.length === 0 && <p className={classes.none}>{t("accounts.pick.none")}</p>}
      </div>
    </div>
  );
}

function WayRow({ way, onChoose }: { way: Way; onChoose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <button type="button" data-way className={classes.way} onClick={onChoose}>
      <span className={classes.words}>
        <span className={classes.title}>{text(way.title)}</span>
        {text(way.help) && <span className={classes.help}>{text(way.help)}</span>}
      </span>
      {way.ended ? (
        <Chip tone="warn">{t("accounts.pick.ended")}</Chip>
      ) : (
        <span className={classes.credential}>{t(`accounts.credential.${way.credential}`)}</span>
      )}
      <IconChevronRight size={14} aria-hidden className={classes.mark} />
    </button>
  );
}
