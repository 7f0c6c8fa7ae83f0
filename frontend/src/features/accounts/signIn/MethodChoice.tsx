import { Radio, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SignIn } from "@/api/types";

interface MethodChoiceProps {
  methods: readonly SignIn["method"][];
  value: SignIn["method"];
  onChange: (method: SignIn["method"]) => void;
}

/** How a sign-in goes, where there is a choice. */
export function MethodChoice({ methods, value, onChange }: MethodChoiceProps) {
  const { t } = useTranslation();
  if (methods.length < 2) return null;
  return (
    <Radio.Group
      label={t("accounts.signIn.method")}
      value={value}
      onChange={(next) => {
        const method = methods.find((known) => known === next);
        if (method) onChange(method);
      }}
    >
      <Stack gap={8} mt={6}>
        {methods.map((method) => (
          <Radio
            key={method}
            size="xs"
            value={method}
            label={t(`accounts.signIn.methods.${method}.title`)}
            description={t(`accounts.signIn.methods.${method}.hint`)}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
