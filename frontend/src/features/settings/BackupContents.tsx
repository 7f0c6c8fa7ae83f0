import { useTranslation } from "react-i18next";
import type { BackupPart, BackupPreview } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { Notice } from "@/ui/Notice";
import classes from "./BackupSection.module.css";

/** What is in a backup, beside what is here. */
export function BackupContents({ preview }: { preview: BackupPreview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const named = useNames();
  const { created, version, settings } = preview;
  const moved = settings.some((name) => name === "host" || name === "port");
  return (
    <>
      <div className={classes.of}>{t("care.restore.of", { time: format.moment(created), version })}</div>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("care.restore.what")}</th>
            <th scope="col" className={classes.number}>
              {t("care.restore.now")}
            </th>
            <th scope="col" className={classes.number}>
              {t("care.restore.then")}
            </th>
            <th scope="col">{t("care.restore.difference")}</th>
          </tr>
        </thead>
        <tbody>
          {preview.parts.map((part) => (
            <tr key={part.name}>
              <th scope="row">{t(`care.restore.part.${part.name}`)}</th>
              <td className={classes.number}>{format.count(part.now)}</td>
              <td className={classes.number}>{format.count(part.then)}</td>
              <td>
                <Difference part={part} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {settings.length > 0 && (
        <p>{t("care.restore.settings", { count: settings.length, names: named(settings) })}</p>
      )}
      {moved && <Notice tone="warn">{t("care.restore.moved")}</Notice>}
      {preview.log && <Notice tone="warn">{t("care.restore.log")}</Notice>}
      {!preview.secrets && <Notice tone="quiet">{t("care.restore.noSecrets")}</Notice>}
    </>
  );
}

function Difference({ part }: { part: BackupPart }) {
  const { t } = useTranslation();
  const named = useNames();
  const lines = (["added", "changed", "gone"] as const).filter((kind) => part[kind].length > 0);
  if (lines.length === 0) return t("care.restore.same");
  return lines.map((kind) => <div key={kind}>{t(`care.restore.${kind}`, { names: named(part[kind]) })}</div>);
}

const mostNames = 12;

/** Names in one line; of many only the first. */
function useNames() {
  const { t, i18n } = useTranslation();
  return (names: readonly string[]) => {
    const list = names.slice(0, mostNames).join(i18n.language.startsWith("zh") ? "、" : ", ");
    return names.length > mostNames
      ? t("care.restore.more", { names: list, number: names.length - mostNames })
      : list;
  };
}
