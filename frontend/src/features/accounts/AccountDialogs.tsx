import { useAccounts, useProviders } from "@/api/accountQueries";
import { Dialogs } from "./Dialogs";
import { useDialog } from "./useDialog";

/** The dialogs of accounts by their addresses, for a page that shows no accounts itself. */
export default function AccountDialogs() {
  const { data: accounts = [] } = useAccounts();
  const { data: providers = [] } = useProviders();
  const dialog = useDialog();
  return <Dialogs dialog={dialog} accounts={accounts} providers={providers} />;
}
