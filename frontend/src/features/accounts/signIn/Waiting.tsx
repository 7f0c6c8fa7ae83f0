import { Button, Loader, TextInput } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { SignIn } from "@/api/types";
import { copyText, openPage } from "@/desktop/desktop";
import { CopyButton } from "@/ui/CopyButton";
import { DialogBody, DialogFoot } from "@/ui/Dialog";
import { Fold } from "@/ui/Fold";
import { Notice } from "@/ui/Notice";
import { useAnswerSignIn } from "../queries";
import { TimeLeft } from "./TimeLeft";
import classes from "./SignInLive.module.css";

interface WaitingProps {
  signIn: SignIn;
  onClose: () => void;
}

/** What the person does while the program waits: in the browser, or here by pasting. */
export function Waiting({ signIn, onClose }: WaitingProps) {
  const { t } = useTranslation();
  const { method, url, userCode, paste, tunnel, expires } = signIn;
  return (
    <DialogBody>
      <div className={classes.busy}>
        <Loader size={16} aria-hidden />
        <span className={classes.grow} aria-live="polite">
          {t(`accounts.signIn.waiting.${method}`)}
        </span>
        <TimeLeft to={expires} />
      </div>
      {userCode && (
        <div className={classes.code}>
          <code aria-label={t("accounts.signIn.userCode")}>{userCode}</code>
          <CopyButton
            wide
            label={t("accounts.signIn.copyCode")}
            done={t("common.copied")}
            onCopy={() => copyText(userCode)}
          />
        </div>
      )}
      <div className={classes.line}>
        <code className={classes.address} title={url}>
          {url}
        </code>
        <CopyButton
          label={t("accounts.signIn.copyLink")}
          done={t("common.copied")}
          onCopy={() => copyText(url)}
        />
        <Button
          leftSection={<IconExternalLink size={14} />}
          autoFocus={method !== "code"}
          onClick={() => void openPage(url)}
        >
          {t("accounts.signIn.openPage")}
        </Button>
      </div>
      {paste && <Paste signIn={signIn} />}
      {!paste && signIn.problem && <Notice tone="warn">{signIn.problem}</Notice>}
      {tunnel && (
        <Fold label={t("accounts.signIn.remote")}>
          <p className={classes.dim}>{t("accounts.signIn.remoteHint")}</p>
          <div className={classes.line}>
            <code className={classes.address} title={tunnel}>
              {tunnel}
            </code>
            <CopyButton
              label={t("accounts.signIn.copyTunnel")}
              done={t("common.copied")}
              onCopy={() => copyText(tunnel)}
            />
          </div>
        </Fold>
      )}
      <DialogFoot>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
      </DialogFoot>
    </DialogBody>
  );
}

function Paste({ signIn }: { signIn: SignIn }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const answer = useAnswerSignIn();
  const kind = signIn.method === "code" ? "code" : "address";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    answer.mutate({ id: signIn.id, text: text.trim() });
  };
  return (
    <form className={classes.paste} onSubmit={submit}>
      <TextInput
        className={classes.grow ?? ""}
        label={t(`accounts.signIn.paste.${kind}`)}
        description={t(`accounts.signIn.paste.${kind}Hint`)}
        autoFocus={kind === "code"}
        autoComplete="off"
        spellCheck={false}
        value={text}
        error={signIn.problem || answer.error?.message}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        rightSectionWidth={88}
        rightSection={
          <Button
            type="submit"
            size="compact-xs"
            mr={4}
            loading={answer.isPending}
            disabled={text.trim() === ""}
          >
            {t("accounts.signIn.continue")}
          </Button>
        }
      />
    </form>
  );
}
