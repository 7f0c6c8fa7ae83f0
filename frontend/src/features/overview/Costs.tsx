import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ModelUse, Span } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { dollars } from "@/i18n/money";
import { Panel } from "@/ui/Panel";
import classes from "./Activity.module.css";

interface CostsProps {
  span: Span;
  names: (kind: string) => string;
}

const words = { own: "own", list: "list", nothing: "free", unknown: "unknown" } as const satisfies Record<
  ModelUse["billing"],
  string
>;

/** What the models of a stretch of time cost, and what is not in the sum. */
export function Costs({ span, names }: CostsProps) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { total } = span;
  const notes = [
    total.unpriced > 0 && t("figures.costs.unpriced", { count: total.unpriced }),
    total.untold > 0 && t("figures.costs.untold", { count: total.untold }),
    total.unbilled > 0 && t("figures.costs.unbilled", { count: total.unbilled }),
    t("figures.costs.asOf", { date: span.pricesDate }),
  ].filter((note) => note !== false);
  return (
    <Panel
      title={t("figures.costs.title")}
      aside={<Link to="/settings?section=costs">{t("figures.costs.prices")}</Link>}
      flush
    >
      {span.models.length === 0 ? (
        <p className={classes.empty}>{t("figures.costs.empty")}</p>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("figures.costs.perModel")}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t("figures.costs.model")}</th>
                <th scope="col">{t("figures.costs.provider")}</th>
                {(["requests", "in", "cached", "out", "dollars"] as const).map((column) => (
                  <th key={column} scope="col" className={classes.number}>
                    {t(`figures.costs.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {span.models.map((use) => (
                <tr key={`${use.provider} ${use.model} ${use.billing}`}>
                  <th scope="row" className={classes.model} title={use.model}>
                    {use.model}
                  </th>
                  <td>{names(use.provider)}</td>
                  <td className={classes.number}>{format.count(use.requests)}</td>
                  <td className={classes.number}>{format.compact(use.tokensIn)}</td>
                  <td className={classes.number}>{format.compact(use.tokensCached)}</td>
                  <td className={classes.number}>{format.compact(use.tokensOut)}</td>
                  <td className={classes.number}>
                    {use.dollars !== undefined && dollars(use.dollars, i18n.language)}{" "}
                    <span className={classes.how}>{t(`figures.costs.${words[use.billing]}`)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row" colSpan={6}>
                  {t("figures.costs.sum")}
                </th>
                <td className={classes.number}>{dollars(total.dollars, i18n.language)}</td>
              </tr>
            </tfoot>
          </table>
        </div>
      )}
      <p className={classes.notes}>{notes.join(" ")}</p>
    </Panel>
  );
}
