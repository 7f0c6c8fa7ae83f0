import { useTranslation } from "react-i18next";
import type { Account } from "@/api/types";
import { Confirm } from "@/ui/Confirm";
import { notify } from "@/ui/notify";
import { maskName } from "@/api/identity";
import { useRemoveAccount } from "./queries";

interface RemoveAccountProps {
  account: Account;
  opened: boolean;
  onClose: () => void;
}

export function RemoveAccount({ account, opened, onClose }: RemoveAccountProps) {
  const { t } = useTranslation();
  const remove = useRemoveAccount();
  const name = maskName(account.name);
  return (
    <Confirm
      opened={opened}
      title={t("accounts.dialog.remove", { name })}
      confirm={t("accounts.remove.confirm")}
      cancel={t("common.cancel")}
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => {
        remove.mutate(account.id, {
          onSuccess: () => notify({ message: t("accounts.remove.done", { name }) }),
          onSettled: onClose,
        });
      }}
    >
      {t("accounts.remove.hint")}
    </Confirm>
  );
}
