package login

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Seal encrypts small secrets that are kept in the database: AES-256-GCM, the
// newest key encrypts, any key of the list decrypts. What a secret belongs to
// («totp:12») is bound to it: a copied row does not open elsewhere.
type Seal struct{ keys []cipher.AEAD }

// Faults of sealing.
var (
	ErrNoKey     = errors.New("no OTKLIK_SECRET_KEY is set")
	ErrWrongSeal = errors.New("sealed with a key that is not in OTKLIK_SECRET_KEY, or damaged")
)

// NewSeal reads keys, base64 by comma, the newest first. No keys give a Seal
// that can do nothing.
func NewSeal(keys string) (*Seal, error) {
	s := &Seal{}
	for _, text := range strings.Split(keys, ",") {
		if text == "" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("read a secret key: %w", err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("read a secret key: %w", err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("prepare a secret key: %w", err)
		}
		s.keys = append(s.keys, aead)
	}
	return s, nil
}

// Ready reports whether there is a key.
func (s *Seal) Ready() bool { return len(s.keys) > 0 }

const sealVersion = 1

// Close encrypts; ErrNoKey.
func (s *Seal) Close(plain []byte, of string) ([]byte, error) {
	if !s.Ready() {
		return nil, ErrNoKey
	}
	nonce := make([]byte, s.keys[0].NonceSize())
	_, _ = rand.Read(nonce) // never fails, says crypto/rand
	return append([]byte{sealVersion}, s.keys[0].Seal(nonce, nonce, plain, bound(of))...), nil
}

// Open decrypts; stale reports that an older key had to be used. ErrNoKey,
// ErrWrongSeal.
func (s *Seal) Open(sealed []byte, of string) (plain []byte, stale bool, err error) {
	if !s.Ready() {
		return nil, false, ErrNoKey
	}
	size := s.keys[0].NonceSize()
	if len(sealed) < 1+size || sealed[0] != sealVersion {
		return nil, false, ErrWrongSeal
	}
	for i, key := range s.keys {
		plain, err := key.Open(nil, sealed[1:1+size], sealed[1+size:], bound(of))
		if err == nil {
			return plain, i > 0, nil
		}
	}
	return nil, false, ErrWrongSeal
}

func bound(of string) []byte {
	sum := sha256.Sum256([]byte("otklik:" + of))
	return sum[:]
}
