package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/otklik/otklik/desk/packs"
	kit "github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
	"github.com/otklik/otklik/worker"
)

// rulesDesk is the page of rules over a real store and the small pack of the
// loader's tests.
type rulesDesk struct {
	*pagetest.Desk
	t        *testing.T
	store    *storage.Store
	follower *worker.Follower
	pages    *packs.Pages
}

const deskRegion = "base"

func newRulesDesk(t *testing.T) *rulesDesk {
	t.Helper()
	store := storagetest.New(t)
	log := slog.New(slog.DiscardHandler)
	files := smallPack(t)
	if _, err := activatePack(t.Context(), store, files, pagetest.Noon(), "первый запуск"); err != nil {
		t.Fatal(err)
	}
	follower, err := worker.NewFollower(t.Context(), packStore{store}, []string{deskRegion}, school, log)
	if err != nil {
		t.Fatal(err)
	}
	d := &rulesDesk{t: t, store: store, follower: follower}
	clock := &pagetest.Clock{T: pagetest.Noon()}
	d.pages = &packs.Pages{Rules: deskPacks{store: store, follower: follower, clock: clock}, Store: store, Clock: clock, Learning: store,
		Work: &packs.Work{Store: store, Clock: clock, Log: log}}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = d.pages.Work.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	zone, _ := time.LoadLocation("Asia/Vladivostok")
	region := kit.Region{ID: deskRegion, Name: "Край для проверок", Zone: zone, Tree: domain.NewTree(nil),
		Agency: func(id string) string { return id }, Category: func(c domain.Case) string { return fmt.Sprintf("стр. %d", c.Row) }}
	d.Desk = pagetest.With(t, func() []kit.Region { return []kit.Region{region} }, d.pages.Section())
	d.as(domain.RoleAdministrator)
	return d
}

// ownSignals tell a problem by the words of the small pack alone.
const ownSignals = `
problem:
  - {any: ["яма|выбоин*|очеред*|шум*"], weight: 3}
thanks:
  - {any: ["спасибо"], weight: 3}
other:
  - {any: ["скидк*"], weight: 3}
`

// smallPack has topics and signals of its own only: shared ones would claim its
// sentences.
func smallPack(t *testing.T) rules.Files {
	t.Helper()
	files, err := rules.Collect(os.DirFS(repository("rules", "testdata", "packs", "base")), deskRegion,
		fstest.MapFS{"signals.yaml": {Data: []byte(ownSignals)}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (d *rulesDesk) as(role domain.Role) {
	u := pagetest.Person("admin", domain.Office{Role: role})
	u.Region = deskRegion
	d.As(u)
}

func (d *rulesDesk) activeShort() string {
	d.t.Helper()
	hash, err := d.store.ActivePackHash(d.t.Context(), deskRegion)
	if err != nil {
		d.t.Fatal(err)
	}
	return hash[:12]
}

func want(t *testing.T, a pagetest.Answer, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	for _, text := range texts {
		if !a.Has(text) {
			t.Errorf("the page lacks %q: %s", text, a.Body)
		}
	}
}

func (d *rulesDesk) file(path string) string {
	d.t.Helper()
	v, err := d.store.ActivePack(d.t.Context(), deskRegion)
	if err != nil {
		d.t.Fatal(err)
	}
	content, ok := v.Files[path]
	if !ok {
		d.t.Fatalf("the active pack has no %s", path)
	}
	return string(content)
}

// From an edited file to the version in force and back.
func TestRulesAreEditedCheckedActivatedAndRolledBack(t *testing.T) {
	d := newRulesDesk(t)
	first := d.activeShort()
	want(t, d.Get("/rules"), http.StatusOK, "Край для проверок", first, "действует")
	const path = "base/region.yaml"
	edit := "/rules/version/" + first + "/edit"
	want(t, d.Get(edit+"?file="+url.QueryEscape(path)), http.StatusOK, "assign_confidence: 0.7")

	// A fault: the place, what is wrong, how to mend it, and the text as typed.
	bad := strings.Replace(d.file(path), "*/10 * * * *", "каждый час", 1)
	want(t, d.Post(edit, url.Values{"file": {path}, "content": {bad}}), http.StatusUnprocessableEntity, "region.yaml:", "Как исправить", "каждый час")
	if got := d.activeShort(); got != first {
		t.Errorf("a bad edit changed the version in force")
	}
	good := strings.Replace(d.file(path), "assign_confidence: 0.7", "assign_confidence: 0.9", 1)
	saved := d.Post(edit, url.Values{"file": {path}, "content": {strings.ReplaceAll(good, "\n", "\r\n")}})
	want(t, saved, http.StatusSeeOther)
	second := strings.TrimPrefix(saved.Location, "/rules/version/")
	want(t, d.Get(saved.Location), http.StatusOK, "Отличия от действующей", "base/region.yaml", "Ввести в действие")
	if got := d.activeShort(); got != first {
		t.Errorf("saving activated the version")
	}
	want(t, d.Post(saved.Location+"/activate", nil), http.StatusUnprocessableEntity, "Форма устарела")
	want(t, d.Post(saved.Location+"/activate", d.seen(saved.Location)), http.StatusSeeOther)
	if got := d.activeShort(); got != second {
		t.Errorf("in force is %s, want %s", got, second)
	}
	want(t, d.Get("/rules"), http.StatusOK, "Действует версия "+second, "/rules/rollback?seen="+second)
	want(t, d.Post(saved.Location+"/activate", nil), http.StatusSeeOther) // the second click
	want(t, d.Get("/rules"), http.StatusOK, "уже действует")
	want(t, d.Post("/rules/rollback", d.seen("/rules")), http.StatusSeeOther)
	if got := d.activeShort(); got != first {
		t.Errorf("after the rollback %s is in force, want %s", got, first)
	}
	want(t, d.Post("/rules/rollback", d.seen("/rules")), http.StatusSeeOther)
	want(t, d.Get("/rules"), http.StatusOK, "возвращаться не к чему")
	lines, err := d.store.Journal(t.Context(), domain.Scope{Region: deskRegion, Whole: true}, domain.JournalFilter{})
	if err != nil {
		t.Fatal(err)
	}
	actions := ""
	for _, l := range lines {
		actions = l.Action + " " + actions
	}
	if actions != "rules_saved rules_activated rules_rolled_back " {
		t.Errorf("the journal: %s", actions)
	}
}

func TestRulesAreDownloadedAndUploaded(t *testing.T) {
	d := newRulesDesk(t)
	got := d.Get("/rules/version/" + d.activeShort() + "/pack.zip")
	want(t, got, http.StatusOK)
	again := d.upload([]byte(got.Body))
	want(t, again, http.StatusSeeOther)
	if again.Location != "/rules/version/"+d.activeShort() {
		t.Errorf("the same files gave another version: %s", again.Location)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("../../etc/passwd.yaml")
	_, _ = io.WriteString(w, "x: 1")
	_ = z.Close()
	want(t, d.upload(b.Bytes()), http.StatusUnprocessableEntity, "наружу")
	want(t, d.upload([]byte("не архив")), http.StatusUnprocessableEntity, "не читается как zip")
	b.Reset()
	z = zip.NewWriter(&b)
	w, _ = z.Create("base/region.yaml")
	_, _ = io.WriteString(w, "id: base\nunknown: 1\n")
	_ = z.Close()
	want(t, d.upload(b.Bytes()), http.StatusUnprocessableEntity, "Ничего не сохранено", "region.yaml:2")
}

func (d *rulesDesk) upload(content []byte) pagetest.Answer {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	w, err := form.CreateFormFile("pack", "pack.zip")
	if err == nil {
		_, err = w.Write(content)
	}
	if err := errors.Join(err, form.Close()); err != nil {
		d.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/rules/upload", &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.Do(r)
}

// seen is what the form of a page says of the version in force.
func (d *rulesDesk) seen(path string) url.Values {
	d.t.Helper()
	m := regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`).FindStringSubmatch(d.Get(path).Body)
	if m == nil {
		d.t.Fatalf("%s does not say which version it was written under", path)
	}
	return url.Values{"seen": {m[1]}}
}

// Whoever saw another version in force is told, and changes nothing.
func TestRulesAreNotTakenBackFromAColleague(t *testing.T) {
	d := newRulesDesk(t)
	first := d.activeShort()
	var versions []string
	for _, sure := range []string{"0.8", "0.9"} {
		const path = "base/region.yaml"
		saved := d.Post("/rules/version/"+first+"/edit", url.Values{"file": {path}, "content": {strings.Replace(d.file(path), "assign_confidence: 0.7", "assign_confidence: "+sure, 1)}})
		want(t, saved, http.StatusSeeOther)
		versions = append(versions, saved.Location)
	}
	old, late := d.seen(versions[0]), d.seen(versions[1])
	want(t, d.Post(versions[0]+"/activate", old), http.StatusSeeOther)
	want(t, d.Post(versions[1]+"/activate", late), http.StatusConflict, "Пока вы смотрели", strings.TrimPrefix(versions[0], "/rules/version/"))
	mine := d.seen("/rules")
	want(t, d.Post(versions[1]+"/activate", d.seen(versions[1])), http.StatusSeeOther) // the colleague's
	want(t, d.Post("/rules/rollback", mine), http.StatusConflict, "Пока вы смотрели", strings.TrimPrefix(versions[1], "/rules/version/"))
	if got := d.activeShort(); "/rules/version/"+got != versions[1] {
		t.Errorf("in force is %s, want the colleague's %s", got, versions[1])
	}
}

// Whoever may not manage rules reads them and changes nothing.
func TestRulesAreChangedByAdministratorsOnly(t *testing.T) {
	d := newRulesDesk(t)
	d.as(domain.RoleAnalyst)
	version := "/rules/version/" + d.activeShort()
	page := d.Get("/rules")
	want(t, page, http.StatusOK)
	if page.Has("rollback") {
		t.Error("an analyst is offered to roll back")
	}
	for _, path := range []string{"/rules/rollback", version + "/activate", version + "/dry-run", "/rules/upload", version + "/edit"} {
		if got := d.Post(path, nil); got.Status != http.StatusForbidden {
			t.Errorf("%s by an analyst: %d", path, got.Status)
		}
	}
}

func TestATextIsTriedWithItsReasons(t *testing.T) {
	d := newRulesDesk(t)
	text := d.sentence()
	got := d.Post("/rules/try", url.Values{"text": {text}})
	want(t, got, http.StatusOK, "проблема", "Сработавшие фразы", "own.yaml:", "evidence")
	want(t, d.Post("/rules/try", url.Values{"text": {"<script>alert(1)</script>"}}), http.StatusOK, "&lt;script&gt;")
	want(t, d.Post("/rules/try", url.Values{"text": {strings.Repeat("яма ", 10000)}}), http.StatusUnprocessableEntity, "слишком длинный")
	want(t, d.Get("/rules/try"), http.StatusOK, "Сообщение жителя")
}

// sentence is a sentence of the pack that names its first row.
func (d *rulesDesk) sentence() string {
	for _, topic := range d.follower.Pack(deskRegion).Topics {
		for _, c := range d.follower.Pack(deskRegion).Categories {
			if len(topic.Match) > 0 && strings.Contains(strings.Join(c.Topics, " "), topic.ID) && strings.HasSuffix(topic.File, "own.yaml") {
				return topic.Match[0]
			}
		}
	}
	d.t.Fatal("the pack has no sentence of a row")
	return ""
}

// The dry run of a version under which nothing is found changes every problem.
func TestDryRunAndUseOfPhrasesOverStoredPosts(t *testing.T) {
	d := newRulesDesk(t)
	d.store3(d.sentence())
	version := "/rules/version/" + d.activeShort()
	want(t, d.Post(version+"/dry-run", nil), http.StatusSeeOther)
	d.await(version, "Просмотрено: 3. Изменилось бы: 0")
	want(t, d.Post("/rules/uses", nil), http.StatusSeeOther)
	body := d.await("/rules/uses", "сообщений: 3")
	if !regexp.MustCompile(`data-label="Нашлась">3<`).MatchString(body) || !regexp.MustCompile(`data-label="Решила">3<`).MatchString(body) {
		t.Errorf("the phrase that found three posts is not counted: %s", body)
	}
}

// store3 takes three posts the whole way.
func (d *rulesDesk) store3(text string) {
	d.t.Helper()
	src, err := d.store.AddSource(d.t.Context(), domain.Source{Region: deskRegion, Kind: domain.VKCallback, Address: "5"})
	if err != nil {
		d.t.Fatal(err)
	}
	clock := &pagetest.Clock{T: pagetest.Noon()}
	w := &worker.Worker{Store: d.store, Rules: d.follower, Clock: clock, Log: slog.New(slog.DiscardHandler)}
	batch := domain.Batch{Source: src, State: domain.SourceActive, Cursor: json.RawMessage(`{}`)}
	for i := range 3 {
		batch.Posts = append(batch.Posts, domain.Post{ID: domain.NewPostID(domain.VK, "-5", fmt.Sprint(i+1)), Region: deskRegion,
			SourceID: src.ID, Kind: domain.WallPost, Text: text + strings.Repeat(" Ответьте!", i), PublishedAt: clock.T, Author: domain.Author{ID: fmt.Sprint(i)}})
	}
	if _, err := w.Take(d.t.Context(), batch); err != nil {
		d.t.Fatal(err)
	}
}

func (d *rulesDesk) await(path, text string) string {
	d.t.Helper()
	for range 1200 {
		a := d.Get(path)
		if a.Status != http.StatusOK {
			d.t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
		if a.Has(text) {
			return a.Body
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatalf("%s never said %q: %s", path, text, d.Get(path).Body)
	return ""
}

var _ packs.Rules = deskPacks{}

// Long work is ended by whoever began it, or by an administrator.
func TestLongWorkOfAnotherIsNotStopped(t *testing.T) {
	d := newRulesDesk(t)
	version := d.activeShort()
	hash, err := d.store.ActivePackHash(t.Context(), deskRegion)
	if err != nil {
		t.Fatal(err)
	}
	id, err := d.store.BeginTask(t.Context(), domain.Background{Region: deskRegion, Kind: "dry_run", Subject: hash, Who: "somebody", CreatedAt: pagetest.Noon()})
	if err != nil {
		t.Fatal(err)
	}
	stop := fmt.Sprintf("/rules/task/%d/stop", id)
	d.as(domain.RoleAnalyst)
	page := d.Get("/rules/version/" + version)
	want(t, page, http.StatusOK, "somebody")
	if page.Has(stop) {
		t.Error("an analyst is offered to stop another's work")
	}
	want(t, d.Post(stop, nil), http.StatusForbidden, "запустили не вы")
	if stopped, err := d.store.TaskProgress(t.Context(), id, 1, 2); err != nil || stopped {
		t.Errorf("stopped: %v, %v", stopped, err)
	}
	d.as(domain.RoleAdministrator)
	want(t, d.Post(stop, nil), http.StatusSeeOther)
	if stopped, err := d.store.TaskProgress(t.Context(), id, 1, 2); err != nil || !stopped {
		t.Errorf("an administrator could not: %v, %v", stopped, err)
	}
}
