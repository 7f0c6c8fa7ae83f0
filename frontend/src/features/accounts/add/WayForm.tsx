import { ActionIcon, Button, TagsInput, TextInput } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Field, NewAccount, Provider, Reference, SignIn, Way } from "@/api/types";
import { useText } from "@/i18n/text";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Fields } from "../Fields";
import { formErrors } from "../form";
import { Instead } from "../Reason";
import { SecretInput } from "../SecretInput";
import { changedSettings, fieldsOf, initialSettings, missingFields } from "../settings";
import { MethodChoice } from "../signIn/MethodChoice";
import type { WantedSignIn } from "../signIn/useBeginSignIn";
import { ProxyInput } from "./ProxyInput";
import classes from "./WayForm.module.css";

interface WayFormProps {
  provider: Provider;
  way: Way;
  providers: readonly Provider[];
  busy: boolean;
  error: Error | null;
  onChoose: (way: Reference) => void;
  onBack: () => void;
  onClose: () => void;
  onAdd: (account: NewAccount) => void;
  onSignIn: (signIn: WantedSignIn) => void;
}

/** What a form holds before it is sent. */
interface Draft {
  key: string;
  name: string;
  prefix: string;
  models: string[];
  settings: Readonly<Record<string, string>>;
  /** "" is the way that all accounts take. */
  proxy: string;
  method: SignIn["method"];
}

/** The way to the service, where it is another than that of all accounts. */
function networkOf({ proxy }: Draft): Pick<NewAccount, "network"> {
  return proxy.trim() ? { network: { proxy: proxy.trim() } } : {};
}

function newAccount(reference: Reference, draft: Draft, settings: Record<string, string>): NewAccount {
  const { key, name, prefix, models } = draft;
  return {
    ...reference,
    ...(key.trim() ? { key: key.trim() } : {}),
    ...(name.trim() ? { name: name.trim() } : {}),
    ...(prefix.trim() ? { prefix: prefix.trim() } : {}),
    ...(models.length > 0 ? { models } : {}),
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
    ...networkOf(draft),
  };
}

/** What nobody can leave out stands before the key. */
function isNeeded({ required, advanced }: Field): boolean {
  return required && !advanced;
}

/** The form of one way, built of what its provider says. */
export function WayForm(props: WayFormProps) {
  const { provider, way, busy, error, onAdd, onSignIn } = props;
  const { t } = useTranslation();
  const fields = fieldsOf(provider, way);
  const initial = initialSettings(fields, way);
  const [draft, setDraft] = useState<Draft>({
    key: "",
    name: "",
    prefix: "",
    models: [],
    settings: initial,
    proxy: "",
    method: way.signIns[0] ?? "browser",
  });
  const [checked, setChecked] = useState(false);
  const edit = (change: Partial<Draft>) => {
    setDraft({ ...draft, ...change });
  };
  const bySignIn = way.credential === "signIn";
  const needsKey = way.credential === "key" || way.credential === "file";
  const missing = missingFields(fields, draft.settings);
  if (needsKey && draft.key.trim() === "") missing.push("key");
  const own = ["key", "name", "prefix", "models", "network.proxy"];
  const refused = formErrors(error, [...own, ...fields.map(({ key }) => key)]);
  const required = checked
    ? Object.fromEntries(missing.map((key) => [key, t("accounts.form.required")]))
    : {};
  const errors = { ...refused.fields, ...required };

  const fieldProps = {
    values: draft.settings,
    errors,
    onChange: (settings: Draft["settings"]) => {
      edit({ settings });
    },
  };

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (missing.length > 0) return;
    const reference = { provider: provider.kind, way: way.id };
    const settings = changedSettings(initial, draft.settings);
    if (bySignIn) onSignIn({ ...reference, method: draft.method, settings, ...networkOf(draft) });
    else onAdd(newAccount(reference, draft, settings));
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <About {...props} />
        <Fields {...fieldProps} fields={fields.filter(isNeeded)} first />
        {(needsKey || way.credential === "optionalKey") && (
          <SecretInput
            way={way}
            value={draft.key}
            error={errors.key}
            first={!fields.some(isNeeded)}
            onChange={(key) => {
              edit({ key });
            }}
          />
        )}
        {bySignIn && (
          <MethodChoice
            methods={way.signIns}
            value={draft.method}
            onChange={(method) => {
              edit({ method });
            }}
          />
        )}
        {!bySignIn && <Naming provider={provider} way={way} draft={draft} edit={edit} errors={errors} />}
        <Fields
          {...fieldProps}
          fields={fields.filter((field) => !isNeeded(field))}
          advanced={
            <>
              {!bySignIn && <ListedModels draft={draft} edit={edit} errors={errors} />}
              <ProxyInput
                value={draft.proxy}
                error={errors["network.proxy"]}
                onChange={(proxy) => {
                  edit({ proxy });
                }}
              />
            </>
          }
          opened={errors["network.proxy"] !== undefined}
        />
        {refused.whole && <Notice tone="bad">{refused.whole}</Notice>}
        <DialogFoot>
          <Button onClick={props.onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            variant="filled"
            loading={busy}
            autoFocus={bySignIn}
            data-autofocus={bySignIn || undefined}
          >
            {t(bySignIn ? `accounts.signIn.start.${draft.method}` : "accounts.add")}
          </Button>
        </DialogFoot>
      </DialogBody>
    </form>
  );
}

function About({ provider, way, providers, onBack, onChoose }: WayFormProps) {
  const { t } = useTranslation();
  const text = useText();
  const title = [text(provider.title), text(way.title)];
  return (
    <div className={classes.about}>
      <div className={classes.head}>
        <ActionIcon aria-label={t("accounts.form.back")} onClick={onBack}>
          <IconArrowLeft size={16} />
        </ActionIcon>
        <h3 className={classes.title}>{[...new Set(title)].join(" · ")}</h3>
      </div>
      {text(way.help) && <p className={classes.help}>{text(way.help)}</p>}
      {way.ended && (
        <Notice tone="warn" title={t("accounts.pick.ended")}>
          <p>{text(way.ended)}</p>
          <div className={classes.instead}>
            <Instead ways={way.instead} providers={providers} onInstead={onChoose} />
          </div>
        </Notice>
      )}
      {[...provider.notices, ...way.notices].map((notice) => (
        <Notice key={notice.en} tone="quiet">
          {text(notice)}
        </Notice>
      ))}
    </div>
  );
}

interface NamingProps {
  provider: Provider;
  way: Way;
  draft: Draft;
  edit: (change: Partial<Draft>) => void;
  errors: Readonly<Record<string, string>>;
}

/** What an account is called; left empty, the provider's own names are taken. */
function Naming({ provider, way, draft, edit, errors }: NamingProps) {
  const { t } = useTranslation();
  const text = useText();
  const prefix = draft.prefix || way.prefix || provider.prefix;
  return (
    <>
      <div className={classes.pair}>
        <TextInput
          label={t("accounts.form.name")}
          placeholder={text(way.title)}
          value={draft.name}
          maxLength={64}
          error={errors.name}
          onChange={(event) => {
            edit({ name: event.currentTarget.value });
          }}
        />
        <TextInput
          label={t("accounts.form.prefix")}
          placeholder={way.prefix || provider.prefix}
          value={draft.prefix}
          maxLength={64}
          spellCheck={false}
          error={errors.prefix}
          onChange={(event) => {
            edit({ prefix: event.currentTarget.value });
          }}
        />
      </div>
      <p className={classes.hint}>{t("accounts.form.prefixHint", { prefix: prefix || "prefix" })}</p>
    </>
  );
}

function ListedModels({ draft, edit, errors }: Omit<NamingProps, "provider" | "way">) {
  const { t } = useTranslation();
  return (
    <TagsInput
      label={t("accounts.form.models")}
      description={t("accounts.form.modelsHint")}
      value={draft.models}
      acceptValueOnBlur
      spellCheck={false}
      error={errors.models}
      onChange={(models) => {
        edit({ models });
      }}
    />
  );
}
