package login_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
)

// provider is a small OpenID provider: it gives one identity to whoever brings
// the code and the verifier that belong together.
type provider struct {
	t         *testing.T
	server    *httptest.Server
	key       *rsa.PrivateKey
	signWith  *rsa.PrivateKey
	claims    map[string]any // of the next token
	challenge string         // of the last authorisation
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, signWith: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		base := p.server.URL
		p.answer(w, map[string]any{"issuer": base, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token",
			"jwks_uri": base + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one",
			"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (p *provider) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if r.FormValue("code") != "the-code" || encode(sum[:]) != p.challenge {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	p.answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(p.claims)})
}

func (p *provider) sign(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Fatal(err)
	}
	text := encode([]byte(`{"alg":"RS256","kid":"one","typ":"JWT"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, p.signWith, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return text + "." + encode(sig)
}

// authorise does what the person does at the provider; it gives the query that
// the browser brings back.
func (p *provider) authorise(at string, claims map[string]any) url.Values {
	p.t.Helper()
	u, err := url.Parse(at)
	if err != nil || u.Path != "/authorize" {
		p.t.Fatalf("sent to %q, %v", at, err)
	}
	q := u.Query()
	p.challenge = q.Get("code_challenge")
	p.claims = map[string]any{"iss": p.server.URL, "aud": "otklik", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": q.Get("nonce")}
	for k, v := range claims {
		p.claims[k] = v
	}
	return url.Values{"state": {q.Get("state")}, "code": {"the-code"}}
}

func TestLoginAtTheProvider(t *testing.T) {
	p := newProvider(t)
	h := newHouse(t, func(l *login.Login, _ *login.SessionOptions) {
		l.Provider = &login.Provider{Issuer: p.server.URL, ClientID: "otklik", Secret: "secret", Back: "https://desk.example/login/provider/back", Title: "Войти через службу"}
	})
	h.user("anna", false, domain.RoleAnalyst)
	anna := map[string]any{"sub": "17", "email": "anna@example.ru", "email_verified": true}
	thief, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		claims map[string]any
		spoil  func(url.Values)
		in     bool
	}{
		{"nobody's account", map[string]any{"sub": "1", "email": "who@example.ru", "email_verified": true}, nil, false},
		{"an e-mail that is not confirmed", map[string]any{"sub": "2", "email": "anna@example.ru", "email_verified": false}, nil, false},
		{"another state", anna, func(q url.Values) { q.Set("state", "other") }, false},
		{"another nonce", map[string]any{"sub": "17", "email": "anna@example.ru", "email_verified": true, "nonce": "other"}, nil, false},
		{"for another client", map[string]any{"sub": "17", "email": "anna@example.ru", "email_verified": true, "aud": "other"}, nil, false},
		{"too old", map[string]any{"sub": "17", "email": "anna@example.ru", "email_verified": true, "exp": time.Now().Add(-time.Hour).Unix()}, nil, false},
		{"a wrong code", anna, func(q url.Values) { q.Set("code", "other") }, false},
		{"refused there", anna, func(q url.Values) { q.Set("error", "access_denied") }, false},
		{"signed by somebody else", anna, func(url.Values) { p.signWith = thief }, false},
		{"anna, linked by e-mail", anna, nil, true},
		{"anna again, by subject alone", map[string]any{"sub": "17"}, nil, true},
		{"a second account of the same e-mail", map[string]any{"sub": "18", "email": "anna@example.ru", "email_verified": true}, nil, false},
	} {
		p.signWith = p.key
		b := h.browser()
		start := b.get("/login/provider?to=/users")
		back := p.authorise(start.location, tc.claims)
		if tc.spoil != nil {
			tc.spoil(back)
		}
		got := b.get("/login/provider/back?" + back.Encode())
		if tc.in != (got.location == "/users") || tc.in != b.inside() {
			t.Errorf("%s: %d %s", tc.name, got.status, got.location)
		}
		if !tc.in && (got.status != http.StatusUnprocessableEntity || !got.has("Вход")) {
			t.Errorf("%s: %d, no page that says what to do", tc.name, got.status)
		}
		if again := b.get("/login/provider/back?" + back.Encode()); again.location == "/users" {
			t.Errorf("%s: the answer works twice", tc.name)
		}
	}
	p.server.Close()
	other := newHouse(t, func(l *login.Login, _ *login.SessionOptions) {
		l.Provider = &login.Provider{Issuer: p.server.URL, ClientID: "otklik"}
	})
	if got := other.browser().get("/login/provider"); got.status != http.StatusUnprocessableEntity || !got.has("не отвечает") {
		t.Errorf("a provider that is away: %d", got.status)
	}
}
