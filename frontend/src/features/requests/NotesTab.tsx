import { Anchor } from "@mantine/core";
import { IconNotes } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Phrase } from "@/api/types";
import { usePhrase } from "@/i18n/phrases";
import { Blank } from "@/ui/Blank";
import { useSearchParam } from "@/ui/useSearchParam";
import classes from "./NotesTab.module.css";
import { groupRemarks } from "./remarks";

/** What was changed on the way and what else is remarkable, with what it means. */
export function NotesTab({ remarks }: { remarks: readonly Phrase[] }) {
  const { t } = useTranslation();
  const say = usePhrase();
  if (remarks.length === 0) {
    return (
      <Blank icon={<IconNotes size={28} stroke={1.5} />} title={t("drawer.notes.empty")}>
        {t("drawer.notes.emptyHint")}
      </Blank>
    );
  }
  return (
    <div className={classes.groups}>
      {groupRemarks(remarks).map((group) => (
        <section key={group.meaning}>
          <h3 className={classes.meaning}>{t(`drawer.means.${group.meaning}`)}</h3>
          <ul className={classes.list}>
            {group.remarks.map((remark, at) => (
              <li key={at}>
                {say(remark)}
                {remark.id === "replay" && <Original id={remark.values?.request ?? ""} />}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Original({ id }: { id: string }) {
  const { t } = useTranslation();
  const [, open] = useSearchParam("request");
  return (
    <Anchor
      component="button"
      className={classes.original ?? ""}
      onClick={() => {
        open(id);
      }}
    >
      {t("drawer.notes.original")}
    </Anchor>
  );
}
