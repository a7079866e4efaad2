package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/proof/freeport"
	"github.com/otklik/otklik/storage"
)

// deskPassword is everybody's in an archive; nobody else gets at it.
const deskPassword = "Bench-2026-archive"

// addPeople are who asks for pages: by what each may see a page costs more or less.
func addPeople(ctx context.Context, store *storage.Store, now time.Time) error {
	hasher, err := login.NewCheapHasher()
	if err != nil {
		return err
	}
	hash, err := hasher.Hash(ctx, deskPassword)
	if err != nil {
		return err
	}
	for _, role := range []domain.Role{domain.RoleAnalyst, domain.RoleController} {
		u := domain.User{Region: region, Login: "bench-" + string(role), Name: "Проверка Скорости", Active: true, Offices: []domain.Office{{Role: role}}}
		if _, err := store.AddUser(ctx, u, hash, domain.Doer{Login: "bench", Region: region, At: now}); err != nil {
			return fmt.Errorf("add %s: %w", u.Login, err)
		}
	}
	return nil
}

// visit is the desk of an archive, served by «otklik serve» in a process of its
// own, and the people who have logged in there.
type visit struct {
	process *serving
	base    string
	people  map[domain.Role]*http.Client
}

// openDesk starts the desk and logs everybody in.
func openDesk(ctx context.Context, program, dsn string) (*visit, error) {
	p, err := newServing()
	if err != nil {
		return nil, err
	}
	v := &visit{process: p, people: map[domain.Role]*http.Client{}}
	port, err := freeport.Pick(ctx)
	if err != nil {
		p.remove()
		return nil, err
	}
	address := "127.0.0.1:" + port
	v.base = "http://" + address
	err = p.start(ctx, program, []string{"DATABASE_URL=" + dsn, "OTKLIK_DESK_LISTEN=" + address, "OTKLIK_DESK_URL=" + v.base}, "--roles", "desk")
	if err != nil {
		p.remove()
		return nil, err
	}
	for _, role := range []domain.Role{domain.RoleAnalyst, domain.RoleController} {
		if err := v.enter(ctx, role); err != nil {
			v.close()
			return nil, fmt.Errorf("%w\n%s", err, p.log.tail())
		}
	}
	return v, nil
}

func (v *visit) close() { v.process.kill() }

// deskUp is how long a desk may take to come up.
const deskUp = 3 * time.Minute

// enter logs in, as soon as the desk answers.
func (v *visit) enter(ctx context.Context, role domain.Role) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	v.people[role] = &http.Client{Jar: jar}
	ctx, cancel := context.WithTimeout(ctx, deskUp)
	defer cancel()
	for {
		_, err := v.get(ctx, "", "/login")
		if err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the desk does not come up: %w", err)
		case <-v.process.done:
			return fmt.Errorf("the desk ended: %w", v.process.err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	form := url.Values{"login": {"bench-" + string(role)}, "password": {deskPassword}}
	page, err := v.ask(ctx, v.people[role], http.MethodPost, "/login", form)
	if err == nil && strings.Contains(page, `name="password"`) {
		err = fmt.Errorf("%s was not let in", role)
	}
	return err
}

// get reads a page whole, as somebody, or as nobody for "".
func (v *visit) get(ctx context.Context, role domain.Role, path string) (string, error) {
	client := v.people[role]
	if client == nil {
		client = http.DefaultClient
	}
	return v.ask(ctx, client, http.MethodGet, path, nil)
}

func (v *visit) ask(ctx context.Context, client *http.Client, method, path string, form url.Values) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: status %d: %.300s", path, answer.StatusCode, body)
	}
	return string(body), nil
}
