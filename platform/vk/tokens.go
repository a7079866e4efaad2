package vk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
)

// Token is an access token. Group is 0 for a service token, otherwise the id of
// the community (without sign) it belongs to. It prints masked.
type Token struct {
	Group  int64
	secret string
}

// ServiceToken makes a token for reading public walls.
func ServiceToken(secret string) Token { return Token{secret: strings.TrimSpace(secret)} }

// CommunityToken makes a token of an own community; group is its id without sign.
func CommunityToken(group int64, secret string) Token {
	return Token{Group: group, secret: strings.TrimSpace(secret)}
}

// ID names the token in limits, quotas and logs without giving it away.
func (t Token) ID() string {
	sum := sha256.Sum256([]byte(t.secret))
	return hex.EncodeToString(sum[:6])
}

// String implements fmt.Stringer; the secret is not in it.
func (t Token) String() string {
	if t.Group == 0 {
		return "service:" + t.ID()
	}
	return fmt.Sprintf("community %d:%s", t.Group, t.ID())
}

// GoString keeps %#v from printing the secret.
func (t Token) GoString() string { return t.String() }

// LogValue implements slog.LogValuer.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// pace keeps calls a little apart of VK's limit. VK counts in a sliding second:
// at exactly three a second the fourth call, a shade early on the wire, already
// stands in the second of the first and is refused (error 6).
const pace = 0.85

func (t Token) perSecond() float64 {
	if t.Group == 0 {
		return pace * ServicePerSecond
	}
	return pace * CommunityPerSecond
}

// redact removes every known token from a text that may be shown to people.
func (c *Client) redact(s string) string {
	for _, t := range c.service {
		s = hide(s, t.secret)
	}
	for _, t := range c.groups {
		s = hide(s, t.secret)
	}
	return s
}

func hide(s, secret string) string {
	if secret == "" {
		return s
	}
	return strings.ReplaceAll(s, secret, "***")
}
