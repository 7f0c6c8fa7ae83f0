import { useState } from "react";
import type { Imported, ImportSource, Provider } from "@/api/types";
import { usePreviewImport } from "../queries";
import type { OpenDialog } from "../useDialog";
import { ImportPreview } from "./ImportPreview";
import { ImportResult } from "./ImportResult";
import { ImportSources } from "./ImportSources";

interface ImportAccountsProps {
  providers: readonly Provider[];
  /** A file that is proposed. */
  path: string;
  open: OpenDialog;
  onClose: () => void;
}

/** Takes over sign-ins of other programs: where they are, what would be taken, what was. */
export function ImportAccounts({ providers, path, onClose }: ImportAccountsProps) {
  const [source, setSource] = useState<ImportSource>();
  const [imported, setImported] = useState<Imported>();
  const preview = usePreviewImport();
  if (imported) return <ImportResult imported={imported} providers={providers} onClose={onClose} />;
  if (preview.data && source) {
    return (
      <ImportPreview
        source={source}
        preview={preview.data}
        providers={providers}
        onBack={() => {
          preview.reset();
        }}
        onClose={onClose}
        onImported={setImported}
      />
    );
  }
  return (
    <ImportSources
      path={source?.text === undefined ? (source?.path ?? path) : path}
      busy={preview.isPending}
      error={preview.error}
      onClose={onClose}
      onChoose={(chosen) => {
        setSource(chosen);
        preview.mutate(chosen);
      }}
    />
  );
}
