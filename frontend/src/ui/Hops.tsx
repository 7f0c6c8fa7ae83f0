import { IconCheck, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./Hops.module.css";

interface HopsProps {
  result: {
    ok: boolean;
    said: string;
    hops: readonly {
      name: "proxy" | "dns" | "connect" | "tls" | "http";
      target: string;
      ok: boolean;
      ms: number;
      said: string;
    }[];
  };
}

/** The way to a service, hop by hop: how far it goes, and what stops it. */
export function Hops({ result: { ok, said, hops } }: HopsProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.result}>
      <div className={classes.said} data-tone={ok ? "ok" : "bad"}>
        {ok ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}
        <span>{said}</span>
      </div>
      {hops.length > 0 && (
        <ol className={classes.hops}>
          {hops.map((hop, index) => (
            <li key={index} className={classes.hop} data-tone={hop.ok ? "ok" : "bad"}>
              {hop.ok ? (
                <IconCheck size={14} aria-label={t("network.worked")} />
              ) : (
                <IconX size={14} aria-label={t("network.failed")} />
              )}
              <span className={classes.name}>{t(`network.hop.${hop.name}`)}</span>
              <span className={classes.where}>
                <code>{hop.target}</code>
                {hop.said && <span className={classes.found}>{hop.said}</span>}
              </span>
              <span className={classes.ms}>{hop.ms < 1 ? "< 1 ms" : `${hop.ms} ms`}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
