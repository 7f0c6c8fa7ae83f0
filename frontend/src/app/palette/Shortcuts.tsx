import { useTranslation } from "react-i18next";
import { Dialog } from "@/ui/Dialog";
import { modifier } from "../keyboard";
import classes from "./Shortcuts.module.css";

/** The keys as they are pressed: those of one list together, the lists one after the other. */
const keys = [
  { label: "palette.keys.palette", combos: [[modifier, "K"]] },
  { label: "palette.keys.search", combos: [["/"]] },
  { label: "palette.keys.help", combos: [["?"]] },
  { label: "palette.keys.rows", combos: [["↑"], ["↓"]] },
  { label: "palette.keys.open", combos: [["Enter"]] },
  { label: "palette.keys.mark", combos: [["C"]] },
  { label: "palette.keys.close", combos: [["Esc"]] },
] as const;

/** What the keyboard does. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog opened title={t("palette.shortcuts")} closeLabel={t("common.close")} size={420} onClose={onClose}>
      <dl className={classes.keys}>
        {keys.map(({ label, combos }) => (
          <div key={label} className={classes.row}>
            <dt>{t(label)}</dt>
            <dd>
              {combos.map((combo) => (
                <span key={combo.join()} className={classes.combo}>
                  {combo.map((key) => (
                    <kbd key={key} className={classes.key}>
                      {key}
                    </kbd>
                  ))}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
