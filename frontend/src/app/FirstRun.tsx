import { Suspense, type ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { useSettings } from "@/api/queries";
import { AccountDialogs, FirstRunPage } from "./parts";

const address = "/welcome";

/** Shows the first steps at the first start, or where somebody asks for them; else the pages. */
export function FirstRun({ children }: { children: ReactNode }) {
  const { pathname, search } = useLocation();
  const { data: settings, error } = useSettings();
  if (pathname === address) {
    return (
      <Suspense>
        <FirstRunPage
          dialogs={
            search.includes("dialog=") && (
              <Suspense>
                <AccountDialogs />
              </Suspense>
            )
          }
        />
      </Suspense>
    );
  }
  // Nothing is drawn that would be gone at once. What cannot be read keeps nobody out.
  if (!settings && !error) return null;
  if (settings?.firstRunDone === false) return <Navigate to={address} replace />;
  return children;
}
