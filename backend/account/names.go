package account

import "strconv"

// CredentialNames is above all names of accounts' secrets.
const CredentialNames = "account"

// KeyNames is above all names of clients' API keys.
const KeyNames = "key"

// CredentialName is the name under which the credential store keeps the secret
// of the account with this ID.
func CredentialName(id int64) string { return CredentialNames + "/" + strconv.FormatInt(id, 10) }

// KeyName is the name under which the credential store keeps the client API key
// with this ID.
func KeyName(id int64) string { return KeyNames + "/" + strconv.FormatInt(id, 10) }

// FieldName is the name under which the credential store keeps a secret field
// of the account with this ID, as a cookie.
func FieldName(id int64, field string) string { return CredentialName(id) + "/" + field }
