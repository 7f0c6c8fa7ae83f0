import { ActionIcon, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { filterQuery, type ExchangeFilter } from "@/api/client";
import { saveAs } from "@/desktop/save";
import { notify } from "@/ui/notify";

const formats = ["jsonl", "csv"] as const;

function fileName(format: string): string {
  return `requests-${new Date().toISOString().slice(0, 10)}.${format}`;
}

/** Saves what the filter shows as a file. */
export function ExportMenu({ filter }: { filter: ExchangeFilter }) {
  const { t } = useTranslation();
  const save = async (format: string, bodies: boolean) => {
    const query = filterQuery(filter);
    query.set("format", format);
    if (bodies) query.set("bodies", "true");
    try {
      if (await saveAs(fileName(format), `/exchanges/export?${query.toString()}`))
        notify({ message: t("requests.exported") });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      notify({ tone: "bad", title: t("common.failed"), message });
    }
  };
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t("requests.export")}
          title={t("requests.export")}
        >
          <IconDownload size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("requests.exportShown")}</Menu.Label>
        {[false, true].flatMap((bodies) =>
          formats.map((format) => {
            const name = format.toUpperCase();
            return (
              <Menu.Item key={`${format}${String(bodies)}`} onClick={() => void save(format, bodies)}>
                {bodies ? t("requests.exportBodies", { format: name }) : name}
              </Menu.Item>
            );
          }),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
