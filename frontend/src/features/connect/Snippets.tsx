import { useTranslation } from "react-i18next";
import type { ClientPreview } from "@/api/types";
import { copyText } from "@/desktop/desktop";
import { CopyButton } from "@/ui/CopyButton";
import { useKeyText } from "./queries";
import classes from "./Snippets.module.css";

interface SnippetsProps {
  /** The client's name, which a key of its own gets. */
  name: string;
  preview: ClientPreview;
  model: string;
  /** Also the single values, for a form that is filled in by hand. */
  values: boolean;
}

/** What can be copied. The key is shown masked, and copied whole. */
export function Snippets({ name, preview, model, values }: SnippetsProps) {
  const { t } = useTranslation();
  const keyText = useKeyText();
  const { mark, keyId } = preview;
  const copy = async (text: string) => {
    if (!text.includes(mark)) return copyText(text);
    const key = await keyText.mutateAsync({ keyId, name });
    return copyText(text.replaceAll(mark, key));
  };
  const single = values
    ? [
        { label: t("connect.baseUrl"), text: preview.baseUrl },
        { label: t("connect.key"), text: mark },
        { label: t("connect.model"), text: model },
      ]
    : [];
  const blocks = [
    ...preview.changes.map(({ path, snippet }) => ({ label: path, text: snippet })),
    ...preview.snippets.map(({ kind, text }) => ({ label: t(`connect.${kind}`), text })),
  ];
  return (
    <div className={classes.all}>
      {keyId === 0 && <p className={classes.hint}>{t("connect.makesKey", { name })}</p>}
      {single.length > 0 && (
        <div className={classes.values}>
          {single.map(({ label, text }) => (
            <div key={label} className={classes.value}>
              <span className={classes.label}>{label}</span>
              <span className={classes.word}>
                <code>{text}</code>
              </span>
              <CopyButton
                label={t("connect.copy", { what: label })}
                done={t("common.copied")}
                onCopy={() => copy(text)}
              />
            </div>
          ))}
        </div>
      )}
      {blocks.map(({ label, text }) => (
        <div key={label} className={classes.block}>
          <div className={classes.head}>
            <span className={classes.label}>{label}</span>
            <CopyButton
              label={t("connect.copy", { what: label })}
              done={t("common.copied")}
              onCopy={() => copy(text)}
            />
          </div>
          <pre className={classes.text} tabIndex={0} role="region" aria-label={label}>
            {text}
          </pre>
        </div>
      ))}
    </div>
  );
}
