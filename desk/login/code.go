package login

import (
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/pquerna/otp"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

type codeData struct{ Fault string }

// pending is who has given a password and owes a code; false when nobody has,
// or too long ago.
func (l *Login) pending(r *page.Request) (int64, bool) {
	id, ok := l.Sessions.id(r.Context(), keyPending)
	until, err := time.Parse(time.RFC3339, l.Sessions.get(r.Context(), keyUntil))
	return id, ok && err == nil && l.RealClock.Now().Before(until)
}

func (l *Login) showCode(r *page.Request) error {
	if _, ok := l.pending(r); !ok {
		return r.Redirect(page.LoginPath)
	}
	return r.Render("code", codeData{})
}

const freeCodes = 5

func codeKey(id int64) string { return "code:" + strconv.FormatInt(id, 10) }

func (l *Login) code(r *page.Request) error {
	id, ok := l.pending(r)
	if !ok {
		return r.Redirect(page.LoginPath + "?ended=1")
	}
	wait, err := l.Store.TakeLogin(r.Context(), []domain.LoginKey{{Key: codeKey(id), Free: freeCodes}})
	if err != nil {
		return err
	}
	if wait > 0 {
		l.Observe(OutcomePaused)
		return r.RenderStatus(http.StatusTooManyRequests, "code", codeData{pauseWords(wait)})
	}
	c, err := l.Store.CredentialsOf(r.Context(), id)
	if err != nil {
		return err
	}
	how, right, err := l.checkCode(r, c)
	if err != nil {
		return err
	}
	if !right || !c.Active {
		l.Observe(OutcomeWrongCode)
		l.note(r, c, "login_failed", "неудачный вход: код не подошёл")
		return r.RenderStatus(http.StatusUnprocessableEntity, "code",
			codeData{"Код не подошёл или уже использован. Дождитесь следующего и проверьте, что часы телефона идут верно."})
	}
	return l.finish(r, c, l.Sessions.get(r.Context(), keyHow)+" и "+how, OutcomeOK, l.Sessions.get(r.Context(), keyTo))
}

// checkCode takes a code of the app, or a recovery code.
func (l *Login) checkCode(r *page.Request, c domain.Credentials) (how string, right bool, err error) {
	if c.TOTPSecret == nil {
		return "", false, nil // taken away meanwhile: log in anew
	}
	code := r.Text("code")
	secret, stale, err := l.Seal.Open(c.TOTPSecret, sealedFor(c.UserID))
	if err != nil {
		return "", false, err
	}
	if step, ok := matchCode(string(secret), code, l.RealClock.Now()); ok {
		fresh, err := l.Store.UseTOTPStep(r.Context(), c.UserID, step)
		if fresh && stale {
			l.reseal(r, c, secret)
		}
		return "коду из приложения", fresh, err
	}
	used, err := l.Store.UseRecoveryCode(r.Context(), c.UserID, hashCode(code))
	return "резервному коду", used, err
}

// reseal keeps a secret under the newest key.
func (l *Login) reseal(r *page.Request, c domain.Credentials, secret []byte) {
	sealed, err := l.Seal.Close(secret, sealedFor(c.UserID))
	if err == nil {
		err = l.Store.ReencryptTOTP(r.Context(), c.UserID, c.TOTPSecret, sealed)
	}
	if err != nil {
		r.Log.Warn("renew the encryption of a second factor", "login", c.Login, "err", err)
	}
}

func sealedFor(id int64) string { return "totp:" + strconv.FormatInt(id, 10) }

type factorData struct {
	Required, HasOne, NoKey bool
	Left                    int // recovery codes
	QR                      template.HTML
	Secret                  string // to type where no camera is
	Fault                   string
	Codes                   []string // shown once
}

// showFactor offers a new secret. It stays in the session, sealed, until a code
// proves that the phone has it.
func (l *Login) showFactor(r *page.Request) error {
	d := factorData{Required: r.User.MustEnroll, HasOne: r.User.SecondFactor}
	if !l.Seal.Ready() {
		d.NoKey = true
		return r.Render("factor", d)
	}
	var err error
	if d.Left, err = l.Store.RecoveryCodesLeft(r.Context(), r.User.ID); err != nil {
		return err
	}
	key, err := newSecret(r.User.Login)
	if err != nil {
		return err
	}
	sealed, err := l.Seal.Close([]byte(key.URL()), sealedFor(r.User.ID))
	if err != nil {
		return err
	}
	l.Sessions.Put(r.Context(), keySecret, base64.StdEncoding.EncodeToString(sealed))
	return l.offer(r, http.StatusOK, key, d)
}

func (l *Login) offer(r *page.Request, status int, key *otp.Key, d factorData) error {
	var err error
	if d.QR, err = drawQR(key); err != nil {
		return err
	}
	d.Secret = inGroups(key.Secret())
	return r.RenderStatus(status, "factor", d)
}

func inGroups(s string) string {
	out := ""
	for i, c := range s {
		if i > 0 && i%4 == 0 {
			out += " "
		}
		out += string(c)
	}
	return out
}

func (l *Login) setFactor(r *page.Request) error {
	key, err := l.offered(r)
	if err != nil || key == nil {
		if err == nil || errors.Is(err, ErrWrongSeal) {
			return r.Redirect(page.FactorPath) // another tab has done it, or the keys have changed
		}
		return err
	}
	d := factorData{Required: r.User.MustEnroll, HasOne: r.User.SecondFactor}
	if d.HasOne {
		right, _, err := l.confirmed(r)
		if err != nil {
			return err
		}
		if !right {
			d.Fault = "Пароль не подошёл: без него прежний телефон не заменить."
			return l.offer(r, http.StatusUnprocessableEntity, key, d)
		}
	}
	step, ok := matchCode(key.Secret(), r.Text("code"), l.RealClock.Now())
	if !ok {
		d.Fault = "Код не подошёл. Введите шесть цифр, которые приложение показывает сейчас; часы телефона должны идти верно."
		return l.offer(r, http.StatusUnprocessableEntity, key, d)
	}
	sealed, err := l.Seal.Close([]byte(key.Secret()), sealedFor(r.User.ID))
	if err != nil {
		return err
	}
	codes, hashes := newRecoveryCodes()
	if err := l.Store.SetTOTP(r.Context(), r.User.ID, sealed, step, hashes, r.Doer()); err != nil {
		return err
	}
	l.Sessions.Pop(r.Context(), keySecret)
	return r.Render("factor", factorData{HasOne: true, Codes: codes})
}

// offered is the secret this session was shown; nil when it was shown none.
func (l *Login) offered(r *page.Request) (*otp.Key, error) {
	sealed, err := base64.StdEncoding.DecodeString(l.Sessions.get(r.Context(), keySecret))
	if err != nil || len(sealed) == 0 {
		return nil, nil //nolint:nilerr // nothing readable is nothing
	}
	text, _, err := l.Seal.Open(sealed, sealedFor(r.User.ID))
	if err != nil {
		return nil, err
	}
	return otp.NewKeyFromURL(string(text))
}
