import { Suspense, useCallback } from "react";
import { useSearchParam } from "@/ui/useSearchParam";
import { RequestDrawer } from "./parts";

/** The drawer of the request that the address names: any page can open it by "?request=". */
export function DrawerSlot() {
  const [value, setValue] = useSearchParam("request");
  const close = useCallback(() => {
    setValue("");
  }, [setValue]);
  const id = Number(value);
  if (!Number.isSafeInteger(id) || id <= 0) return null;
  return (
    <Suspense>
      <RequestDrawer id={id} onClose={close} />
    </Suspense>
  );
}
