import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "@/desktop/desktop";
import { CopyButton } from "@/ui/CopyButton";
import { blocksOf, type Block, type Span } from "./blocks";
import classes from "./Markdown.module.css";

/** What a model wrote, readable. An address is shown and not followed: who wrote it is not known. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className={classes.text}>
      {blocks.map((block, at) => (
        <One key={at} block={block} />
      ))}
    </div>
  );
});

function One({ block }: { block: Block }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <Spans spans={block.spans} />
        </p>
      );
    case "quote":
      return (
        <blockquote>
          <Spans spans={block.spans} />
        </blockquote>
      );
    case "heading":
      // Not a heading of the page: what a model writes is no part of its outline.
      return (
        <p className={classes.heading} data-level={block.level}>
          <Spans spans={block.spans} />
        </p>
      );
    case "item":
      return (
        <div className={classes.item} style={{ marginLeft: block.depth * 12 }}>
          <span className={classes.mark}>{block.mark}</span>
          <div>
            <Spans spans={block.spans} />
          </div>
        </div>
      );
    case "code":
      return <Code language={block.language} text={block.text} />;
    case "table":
      return (
        <pre className={classes.table} tabIndex={0}>
          {block.text}
        </pre>
      );
    case "rule":
      return <hr />;
  }
}

function Code({ language, text }: { language: string; text: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.code}>
      <div className={classes.bar}>
        <span>{language || t("playground.code")}</span>
        <CopyButton
          label={t("playground.copyCode")}
          done={t("common.copied")}
          onCopy={() => copyText(text)}
        />
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

function Spans({ spans }: { spans: Span[] }) {
  return spans.map((span, at) => {
    switch (span.kind) {
      case "text":
        return span.text;
      case "code":
        return <code key={at}>{span.text}</code>;
      case "strong":
        return <strong key={at}>{span.text}</strong>;
      case "emphasis":
        return <em key={at}>{span.text}</em>;
      case "link":
        return span.text === span.address ? span.address : `${span.text} (${span.address})`;
    }
  });
}
