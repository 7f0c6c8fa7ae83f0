import { Autocomplete } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface ProxyInputProps {
  value: string;
  error: string | undefined;
  onChange: (proxy: string) => void;
}

/** The proxy of an account that is new: its sign-in, and the first call of it, take that way already (B16). */
export function ProxyInput({ value, error, onChange }: ProxyInputProps) {
  const { t } = useTranslation();
  return (
    <Autocomplete
      label={t("network.proxy")}
      description={t("accounts.form.proxyHint")}
      data={["system", "direct"]}
      value={value}
      spellCheck={false}
      error={error}
      onChange={onChange}
    />
  );
}
