package fake

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"time"
)

// robot is a service account.
type robot struct {
	key *rsa.PublicKey
	// audience is the address it may sign for.
	audience string
}

// ServiceAccount makes a service account and the file of its key, as the cloud
// console gives it. base is the stand-in's own address.
func (g *Google) ServiceAccount(base, email string) []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	g.mu.Lock()
	g.robots[email] = robot{key: &key.PublicKey, audience: base + "/token"}
	g.mu.Unlock()
	raw, _ := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "sample-corp-project", "private_key_id": "1", "client_email": email,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": base + "/token",
	})
	return raw
}

// grantRobot takes what a service account signed (RFC 7523).
func (g *Google) grantRobot(w http.ResponseWriter, assertion string) *googleError {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return tokenRefusal("invalid_grant", "Invalid JWT")
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Scope    string `json:"scope"`
		Issued   int64  `json:"iat"`
		Expires  int64  `json:"exp"`
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	_ = json.Unmarshal(raw, &claims)
	g.mu.Lock()
	have, ok := g.robots[claims.Issuer]
	g.mu.Unlock()
	if !ok {
		return tokenRefusal("invalid_grant", "Invalid grant: account not found")
	}
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(have.key, crypto.SHA256, sum[:], signature) != nil {
		return tokenRefusal("invalid_grant", "Invalid JWT Signature.")
	}
	now := g.options.Now()
	issued, expires := time.Unix(claims.Issued, 0), time.Unix(claims.Expires, 0)
	switch {
	case issued.After(now.Add(5*time.Minute)) || expires.Before(now) || expires.Sub(issued) > time.Hour+time.Minute:
		return tokenRefusal("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
	case claims.Audience != have.audience:
		return tokenRefusal("invalid_grant", "Invalid JWT: Failed audience check.")
	case !strings.Contains(claims.Scope, googleScopes()[0]):
		return tokenRefusal("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
	}
	g.answerToken(w, grant{email: claims.Issuer, scope: claims.Scope}, false)
	return nil
}
