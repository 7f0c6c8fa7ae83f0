import { IconBraces, IconBulb, IconEye, IconTool, IconVector } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Model } from "@/api/types";
import classes from "./Capabilities.module.css";
import { capabilities, type Capability } from "./filter";

const icons: Record<Capability, typeof IconEye> = {
  tools: IconTool,
  vision: IconEye,
  reasoning: IconBulb,
  fim: IconBraces,
  embeddings: IconVector,
};

/** What a model can do, each at its own place, so that a column of them can be read down. */
export function Capabilities({ can }: Pick<Model, "can">) {
  const { t } = useTranslation();
  return (
    <span className={classes.marks}>
      {capabilities.map((name) => {
        const Icon = icons[name];
        return (
          <span key={name} className={classes.mark} title={can[name] ? t(`models.can.${name}`) : undefined}>
            {can[name] && (
              <>
                <Icon size={14} stroke={1.75} aria-hidden />
                <span className="said">{t(`models.can.${name}`)}</span>
              </>
            )}
          </span>
        );
      })}
    </span>
  );
}
