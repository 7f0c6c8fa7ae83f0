// The words of the admin API, as the backend describes them in openapi.json.
import type { components } from "./schema.gen";

/** Go writes a list without elements as null; the client makes it a list again. */
type Filled<T> = T extends null
  ? never
  : T extends readonly (infer Element)[]
    ? Filled<Element>[]
    : T extends object
      ? { [Name in keyof T]: Filled<T[Name]> }
      : T;

type Schemas = components["schemas"];
type Schema<Name extends keyof Schemas> = Filled<Schemas[Name]>;

export type Attempt = Schema<"Attempt">;
export type CreatedKey = Schema<"NewKey">;
export type Exchange = Schema<"Exchange">;
export type ExchangeBody = Schema<"ExchangeBody">;
export type ExchangeDetail = Schema<"ExchangeDetail">;
export type ExchangeList = Schema<"ExchangeList">;
export type ExchangePage = Schema<"ExchangePage">;
export type Key = Schema<"Key">;
export type KeyList = Schema<"KeyList">;
export type KeySecret = Schema<"KeySecret">;
export type Listener = Schema<"Listener">;
export type ListenerChange = Schema<"ListenerInputBody">;
export type Model = Schema<"Model">;
export type ModelList = Schema<"ModelList">;
export type Settings = Schema<"Settings">;
export type SettingsPatch = Schema<"SettingsPatch">;
export type Status = Schema<"Status">;
export type ToolCall = Schema<"ToolCall">;
