import { Button } from "@mantine/core";
import i18next from "i18next";
import { Component, type ReactNode } from "react";
import { Blank } from "@/ui/Blank";

interface ErrorBoundaryProps {
  children: ReactNode;
}

/** Shows what happened instead of an empty window when a page breaks. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: Error | undefined }> {
  constructor(props: ErrorBoundaryProps) {
    super(props);
    this.state = { error: undefined };
  }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <main role="alert">
        <Blank
          title={i18next.t("app.crashed.title")}
          action={
            <Button
              onClick={() => {
                window.location.reload();
              }}
            >
              {i18next.t("app.crashed.reload")}
            </Button>
          }
        >
          <p>{i18next.t("app.crashed.hint")}</p>
          <pre>{error.message}</pre>
        </Blank>
      </main>
    );
  }
}
