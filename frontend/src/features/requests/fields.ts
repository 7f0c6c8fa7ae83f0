import { useTranslation } from "react-i18next";
import type { ExchangeDetail } from "@/api/types";
import { useFormat, type Format } from "@/i18n/format";

/** The names and values of one request's fields; "" is nothing to be said. */
export function useFields(detail: ExchangeDetail): (readonly [label: string, value: string])[] {
  const { t } = useTranslation();
  const format = useFormat();
  const tokens = useTokens(detail, format);
  return [
    [t("detail.field.time"), format.moment(detail.start)],
    [t("detail.field.duration"), detail.running ? "" : format.duration(detail.durationMs)],
    [t("detail.field.client"), detail.client],
    [t("detail.field.key"), detail.key],
    [t("detail.field.protocol"), [detail.dialect, detail.path].filter(Boolean).join(" · ")],
    [t("detail.field.asked"), detail.asked],
    [t("detail.field.served"), detail.served],
    [t("detail.field.provider"), detail.provider],
    [t("detail.field.account"), detail.account],
    [t("detail.field.lane"), detail.lane && t(`detail.lane.${detail.lane}`)],
    [t("detail.field.stream"), t(detail.stream ? "common.yes" : "common.no")],
    [t("detail.field.tokens"), tokens],
    [t("detail.field.bytes"), `${format.bytes(detail.bytesIn)} / ${format.bytes(detail.bytesOut)}`],
    [t("detail.field.finish"), detail.finish],
  ];
}

function useTokens(detail: ExchangeDetail, format: Format): string {
  const { t } = useTranslation();
  const counts = [
    ["in", detail.tokensIn],
    ["out", detail.tokensOut],
    ["cached", detail.tokensCached],
    ["reasoning", detail.tokensReasoning],
  ] as const;
  return counts
    .filter(([, n]) => n !== undefined)
    .map(([part, n]) => t(`detail.tokens.${part}`, { n: format.count(n) }))
    .join(" · ");
}
