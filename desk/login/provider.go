package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Provider is an outside provider of identities (OpenID Connect). It is asked
// for its description at the first login, so that the desk starts without it.
type Provider struct {
	Issuer, ClientID, Secret string
	Back                     string // our address it sends people back to
	Title                    string // of the button: «Войти через …»
	Client                   *http.Client

	mu     sync.Mutex
	config *oauth2.Config
	verify *oidc.IDTokenVerifier
}

// ready describes the provider, once.
func (p *Provider) ready(ctx context.Context) (*oauth2.Config, *oidc.IDTokenVerifier, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.config != nil {
		return p.config, p.verify, nil
	}
	// The provider keeps this context for fetching keys later: it must outlive
	// the request.
	found, err := oidc.NewProvider(p.context(context.WithoutCancel(ctx)), p.Issuer)
	if err != nil {
		return nil, nil, fmt.Errorf("ask the identity provider %s: %w", p.Issuer, err)
	}
	p.config = &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: p.Back,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}
	p.verify = found.Verifier(&oidc.Config{ClientID: p.ClientID})
	return p.config, p.verify, nil
}

func (p *Provider) context(ctx context.Context) context.Context {
	if p.Client != nil {
		return oidc.ClientContext(ctx, p.Client)
	}
	return ctx
}

// journey is what a session remembers while its person is at the provider.
type journey struct{ State, Nonce, Verifier, To string }

var errProvider = errors.New("login at the provider")

func (l *Login) toProvider(r *page.Request) error {
	if l.Provider == nil {
		return domain.ErrNotFound
	}
	config, _, err := l.Provider.ready(r.Context())
	if err != nil {
		r.Log.Error("identity provider", "err", err)
		return l.providerFault(r, "Служба входа не отвечает. Попробуйте через минуту или войдите по паролю.")
	}
	j := journey{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: page.Local(r.Text("to"))}
	text, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("keep the way to the provider: %w", err)
	}
	l.Sessions.Put(r.Context(), keyOIDC, string(text))
	http.Redirect(r.W, r.Request, config.AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), http.StatusSeeOther)
	return nil
}

func (l *Login) fromProvider(r *page.Request) error {
	if l.Provider == nil {
		return domain.ErrNotFound
	}
	var j journey
	if err := json.Unmarshal([]byte(l.Sessions.Pop(r.Context(), keyOIDC)), &j); err != nil || j.State == "" || r.FormValue("state") != j.State {
		return l.providerFault(r, "Вход начат в другом окне или слишком давно. Начните заново.")
	}
	if r.FormValue("error") != "" {
		r.Log.Info("the identity provider refused", "error", r.FormValue("error"), "words", r.FormValue("error_description"))
		return l.providerFault(r, "Служба входа не подтвердила вход. Начните заново или войдите по паролю.")
	}
	token, email, err := l.Provider.exchange(r.Context(), r.FormValue("code"), j)
	if err != nil {
		r.Log.Error("identity provider", "err", err)
		return l.providerFault(r, "Ответ службы входа не прошёл проверку. Начните заново; если повторится, сообщите администратору.")
	}
	c, err := l.Store.CredentialsBySubject(r.Context(), token.Issuer+" "+token.Subject, email, r.Doer())
	if errors.Is(err, domain.ErrNotFound) || err == nil && !c.Active {
		l.Observe(OutcomeUnknown)
		return l.providerFault(r, "Служба входа вас узнала, но в Отклике такой учётной записи нет. Попросите администратора региона завести её с вашим адресом "+
			"электронной почты.")
	}
	if err != nil {
		return err
	}
	return l.accept(r, c, "вход через внешнюю службу", OutcomeProvider, j.To)
}

// exchange turns the code into a checked identity; email is "" unless the
// provider says that it was confirmed.
func (p *Provider) exchange(ctx context.Context, code string, j journey) (*oidc.IDToken, string, error) {
	config, verify, err := p.ready(ctx)
	if err != nil {
		return nil, "", err
	}
	ctx = p.context(ctx)
	tokens, err := config.Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return nil, "", fmt.Errorf("exchange the code: %w", err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, "", fmt.Errorf("%w: no id_token in the answer", errProvider)
	}
	token, err := verify.Verify(ctx, raw)
	if err != nil {
		return nil, "", fmt.Errorf("check the id_token: %w", err)
	}
	if token.Nonce != j.Nonce {
		return nil, "", fmt.Errorf("%w: the nonce is another one", errProvider)
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := token.Claims(&claims); err != nil {
		return nil, "", fmt.Errorf("read the claims: %w", err)
	}
	if !claims.Verified {
		claims.Email = ""
	}
	return token, strings.TrimSpace(claims.Email), nil
}

func (l *Login) providerFault(r *page.Request, words string) error {
	d := l.data(r)
	d.Fault = words
	return r.RenderStatus(http.StatusUnprocessableEntity, "login", d)
}
