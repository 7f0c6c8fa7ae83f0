import { Button, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "@/api/client";
import classes from "./SignIn.module.css";

/** Asks for the token of the web edition. */
export function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const signIn = useMutation({
    mutationFn: api.signIn,
    onSuccess: () => client.resetQueries(),
  });
  const wrong = signIn.error instanceof ApiError && signIn.error.status === 401;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    signIn.mutate(token.trim());
  };
  return (
    <main className={classes.page}>
      <form className={classes.form} onSubmit={submit}>
        <h1 className={classes.title}>{t("signIn.title")}</h1>
        <p className={classes.hint}>{t("signIn.hint")}</p>
        <Stack gap="md">
          <PasswordInput
            label={t("signIn.token")}
            description={t("signIn.where")}
            value={token}
            onChange={(event) => {
              setToken(event.currentTarget.value);
            }}
            error={wrong ? t("signIn.wrong") : signIn.error?.message}
            autoComplete="off"
            data-autofocus
            autoFocus
          />
          <Button type="submit" variant="filled" loading={signIn.isPending} disabled={token.trim() === ""}>
            {t("signIn.submit")}
          </Button>
        </Stack>
      </form>
    </main>
  );
}
