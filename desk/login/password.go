package login

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// Hasher keeps and checks passwords by argon2id. Each check takes Memory; Slots
// bounds how many run at once, so that a flood of logins cannot eat the machine.
type Hasher struct {
	params argon2id.Params
	slots  chan struct{}
	dummy  string // of a password nobody has: an unknown login takes as long
}

// NewHasher checks at most so many passwords at once, with 64 MiB and two
// passes each (above OWASP's minimum for argon2id).
func NewHasher(atOnce int) (*Hasher, error) {
	return newHasher(argon2id.Params{Memory: 64 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}, atOnce)
}

// NewCheapHasher is for tests and the demonstration: its hashes are weak.
func NewCheapHasher() (*Hasher, error) {
	return newHasher(argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}, 4)
}

func newHasher(p argon2id.Params, atOnce int) (*Hasher, error) {
	h := &Hasher{params: p, slots: make(chan struct{}, atOnce)}
	var err error
	h.dummy, err = h.Hash(context.Background(), rand.Text())
	return h, err
}

func (h *Hasher) slot(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a password check: %w", ctx.Err())
	}
}

// Hash is what is stored of a password.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.slot(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	hash, err := argon2id.CreateHash(password, &h.params)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// Check compares. An empty hash is never right and takes as long as a real one.
// stale reports that the hash was made with another cost and should be renewed.
func (h *Hasher) Check(ctx context.Context, password, hash string) (right, stale bool, err error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	if err := h.slot(ctx); err != nil {
		return false, false, err
	}
	defer func() { <-h.slots }()
	match, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("check a password: %w", err)
	}
	return match && known, *params != h.params, nil
}

// Bounds of a password, in characters and in bytes.
const (
	minPassword = 10
	maxPassword = 256
)

// Weak says what is wrong with a new password, in Russian; "" for nothing.
func Weak(password, login, name string) string {
	lower := strings.ToLower(password)
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return "Пароль короче 10 знаков. Проще всего запомнить три-четыре слова подряд."
	case len(password) > maxPassword:
		return "Пароль длиннее 256 байт."
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return "В пароле есть знак, который нельзя набрать на клавиатуре."
	case fewSigns(lower):
		return "Пароль из одного-двух повторяющихся знаков подберут сразу."
	case login != "" && strings.Contains(lower, strings.ToLower(login)):
		return "Пароль содержит ваш логин: его подберут первым."
	case common(lower):
		return "Этот пароль есть в каждом словаре подбора. Придумайте другой."
	}
	for _, word := range strings.Fields(strings.ToLower(name)) {
		if lower == word {
			return "Пароль совпадает с вашим именем: его подберут первым."
		}
	}
	return ""
}

func fewSigns(s string) bool {
	signs := map[rune]bool{}
	for _, r := range s {
		signs[r] = true
	}
	return len(signs) < 4
}

// common: the beginnings that lists of stolen passwords are full of.
func common(s string) bool {
	for _, known := range []string{"1234567890", "0123456789", "qwertyuiop", "йцукенгшщз", "password", "пароль", "qwerty123", "admin", "админ"} {
		rest, found := strings.CutPrefix(s, known)
		if found && utf8.RuneCountInString(rest) < 4 {
			return true
		}
	}
	return false
}

// NewPassword makes a first password that can be said over the telephone: four
// groups of five small letters and digits, 100 bits.
func NewPassword() string {
	text := strings.ToLower(rand.Text())[:20]
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:]
}
