package bots

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/otklik/otklik/domain"
)

// ErrNoKey: without OTKLIK_SECRET_KEY there is nothing to hash chats with, and
// no bot.
var ErrNoKey = errors.New("no secret key: the bot cannot talk")

// Keys name chats without saying which they are. Beside the newest key those
// before it still find what was stored under them.
type Keys struct{ secrets [][]byte }

// NewKeys derives the keys from OTKLIK_SECRET_KEY: base64 by comma, the newest first.
func NewKeys(secretKey string) (*Keys, error) {
	k := &Keys{}
	for _, text := range strings.Split(secretKey, ",") {
		if text == "" {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("read a secret key: %w", err)
		}
		k.secrets = append(k.secrets, sum(raw, "otklik:dialogs"))
	}
	if len(k.secrets) == 0 {
		return nil, ErrNoKey
	}
	return k, nil
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // a hash never fails
	return h.Sum(nil)
}

func (k *Keys) all(text string) [][]byte {
	out := make([][]byte, len(k.secrets))
	for i, s := range k.secrets {
		out[i] = sum(s, text)
	}
	return out
}

// Mark fills in how a private message's chat and identity are stored.
func (k *Keys) Mark(p *domain.Post) {
	if p.Private != nil {
		p.Private.ChatKeys, p.Private.UpdateKeys = k.all(chatText(p.ID.Platform, p.ID.Owner, p.Private.Chat)), k.all("update:"+p.ID.String())
	}
}

func chatText(platform domain.Platform, owner, chat string) string {
	return "chat:" + string(platform) + ":" + owner + ":" + chat
}

// Chat is the keyed hash of a chat by the newest key.
func (k *Keys) Chat(platform domain.Platform, owner, chat string) []byte {
	return sum(k.secrets[0], chatText(platform, owner, chat))
}

// Rotating reports whether there is a key before the newest.
func (k *Keys) Rotating() bool { return len(k.secrets) > 1 }

// Code are the keyed hashes of a one-time code that somebody of a region's desk
// shows the bot, by the newest key first.
func (k *Keys) Code(region, digits string) [][]byte {
	return k.all("staff-code:" + region + ":" + digits)
}

// Number is a keyed hash of a text by the newest key, never 0.
func (k *Keys) Number(text string) int64 {
	n := int64(binary.BigEndian.Uint64(sum(k.secrets[0], "number:"+text)) >> 1) //nolint:gosec // the top bit is cut
	return max(n, 1)
}
