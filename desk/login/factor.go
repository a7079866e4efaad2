package login

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// Values of RFC 6238 that every authenticator app knows.
const (
	stepSeconds  = 30
	secretBytes  = 20
	codeDigits   = otp.DigitsSix
	stepsOfDrift = 1 // clocks of phones are half a minute off
)

// newSecret draws a secret for a login.
func newSecret(login string) (*otp.Key, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Otklik", AccountName: login, SecretSize: secretBytes, Digits: codeDigits})
	if err != nil {
		return nil, fmt.Errorf("draw a secret: %w", err)
	}
	return key, nil
}

// matchCode finds the step of the clock whose code was given; the step must be
// used up by the caller, since a code works once (RFC 6238, 5.2).
func matchCode(secret, code string, now time.Time) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	at := now.Unix() / stepSeconds
	for _, step := range []int64{at, at - stepsOfDrift, at + stepsOfDrift} {
		right, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: codeDigits}) //nolint:gosec // after 1970
		if err == nil && right {
			return step, true
		}
	}
	return 0, false
}

// drawQR is the key's address as an SVG that needs no style.
func drawQR(key *otp.Key) (template.HTML, error) {
	code, err := qr.Encode(key.URL(), qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	const quiet = 4 // modules of margin, says ISO/IEC 18004
	size := code.Bounds().Dx()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="qr" role="img" aria-label="QR-код для приложения" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, size+2*quiet, size+2*quiet)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, size+2*quiet, size+2*quiet)
	for y := range size {
		for x := range size {
			if dark, _, _, _ := code.At(x, y).RGBA(); dark == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil //nolint:gosec // numbers only
}

const recoveryCodes = 10

// newRecoveryCodes draws the codes and their hashes: 16 letters and digits,
// 80 bits each.
func newRecoveryCodes() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		text := strings.ToLower(rand.Text())[:16]
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, hashCode(text))
	}
	return codes, hashes
}

// hashCode reads a recovery code as somebody typed it.
func hashCode(code string) []byte {
	clean := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(code)))
	sum := sha256.Sum256([]byte(clean))
	return sum[:]
}
