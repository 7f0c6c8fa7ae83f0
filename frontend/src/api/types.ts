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

export type Account = Schema<"Account">;
export type AccountList = Schema<"AccountList">;
export type AccountPatch = Schema<"AccountPatch">;
export type AccountStanding = Schema<"AccountStanding">;
export type Alias = Schema<"Alias">;
export type AliasList = Schema<"AliasList">;
export type AliasState = Schema<"AliasState">;
export type Attempt = Schema<"Attempt">;
export type BackupChoice = Schema<"BackupChoice">;
export type BackupPart = Schema<"BackupPart">;
export type BackupPreview = Schema<"BackupPreview">;
export type Client = Schema<"Client">;
export type ClientApply = Schema<"ClientApply">;
export type ClientChange = Schema<"ClientChange">;
export type ClientChoice = Schema<"ClientChoice">;
export type ClientList = Schema<"ClientList">;
export type ClientPreview = Schema<"ClientPreview">;
export type CreatedKey = Schema<"NewKey">;
export type Diagnostics = Schema<"Diagnostics">;
export type Dot = Schema<"Dot">;
export type Exchange = Schema<"Exchange">;
export type ExchangeBody = Schema<"ExchangeBody">;
export type ExchangeDetail = Schema<"ExchangeDetail">;
export type ExchangeList = Schema<"ExchangeList">;
export type ExchangeChoices = Schema<"ExchangeChoices">;
export type ExchangePage = Schema<"ExchangePage">;
export type Field = Schema<"Field">;
export type Find = Schema<"Find">;
export type Import = Schema<"Import">;
export type ImportChoice = Schema<"ImportChoice">;
export type Imported = Schema<"Imported">;
export type ImportSource = Schema<"ImportSource">;
export type Key = Schema<"Key">;
export type KeyList = Schema<"KeyList">;
export type KeyPatch = Schema<"KeyPatch">;
export type KeySecret = Schema<"KeySecret">;
export type Listener = Schema<"Listener">;
export type ListenerChange = Schema<"ListenerInputBody">;
export type Model = Schema<"Model">;
export type ModelList = Schema<"ModelList">;
export type ModelsPatch = Schema<"ModelsPatch">;
export type ModelStanding = Schema<"ModelStanding">;
export type NetworkResult = Schema<"NetworkResult">;
export type NetworkState = Schema<"NetworkState">;
export type NetworkTest = Schema<"NetworkTest">;
export type NewAccount = Schema<"NewAccount">;
export type NewSignIn = Schema<"NewSignIn">;
export type LastRestore = Schema<"LastRestore">;
export type LogSize = Schema<"LogSize">;
export type UpdateNotice = Schema<"UpdateNotice">;
export type ModelUse = Schema<"ModelUse">;
export type Pace = Schema<"Pace">;
export type Phrase = Schema<"Phrase">;
export type Price = Schema<"Price">;
export type Prices = Schema<"Prices">;
export type Provider = Schema<"Provider">;
export type ProviderList = Schema<"ProviderList">;
export type Quota = Schema<"Quota">;
export type Reference = Schema<"Reference">;
export type Rest = Schema<"Rest">;
export type Routing = Schema<"Routing">;
export type Settings = Schema<"Settings">;
export type SettingsPatch = Schema<"SettingsPatch">;
export type SignIn = Schema<"SignIn">;
export type SourceList = Schema<"SourceList">;
export type Span = Schema<"Span">;
export type Status = Schema<"Status">;
export type ToolCall = Schema<"ToolCall">;
export type Trial = Schema<"Trial">;
export type Way = Schema<"Way">;
