package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/desk"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

type stillClock struct{}

func (stillClock) Now() time.Time { return time.Date(2026, 12, 5, 2, 0, 0, 0, time.UTC) }

func regions() []desk.Region {
	agency := func(id string) string {
		if id == "" {
			return "не назначен"
		}
		return "орган " + id
	}
	category := func(c domain.Case) string { return fmt.Sprintf("стр. %d ямы", c.Row) }
	region := func(id, name, zone string) desk.Region {
		z, err := time.LoadLocation(zone)
		if err != nil {
			panic(err)
		}
		return desk.Region{ID: id, Name: name, Zone: z, Agency: agency, Category: category}
	}
	return []desk.Region{region("khabarovsk", "Хабаровский край", "Asia/Vladivostok"), region("kaliningrad", "Калининградская область", "Europe/Kaliningrad")}
}

func handler(t *testing.T, store desk.Store, list func() []desk.Region) http.Handler {
	t.Helper()
	status := &desk.Status{Store: store, Regions: list, Clock: stillClock{}, Log: slog.New(slog.DiscardHandler)}
	h, err := status.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(t *testing.T, h http.Handler, path string) *http.Response {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return rec.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// shows fails unless the page holds every word.
func shows(t *testing.T, page string, words ...string) {
	t.Helper()
	page = strings.ReplaceAll(page, "\u00a0", " ")
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("the page does not show %q:\n%s", w, page)
		}
	}
}

// open stores a case of one post.
func open(t *testing.T, store *storage.Store, src domain.Source, change func(*domain.Decision, *domain.Judged)) {
	t.Helper()
	registered := time.Date(2026, 11, 23, 6, 42, 0, 0, time.UTC)
	due := time.Date(2026, 12, 3, 14, 0, 0, 0, time.UTC)
	judged := domain.Judged{
		Post:    domain.Post{ID: domain.NewPostID(domain.VK, src.Address, "1"), Region: src.Region, SourceID: src.ID, Text: "яма", PublishedAt: registered},
		Verdict: domain.Verdict{Kind: domain.Problem, Row: 3, Place: domain.Place{Settlement: "Хабаровск"}, PackHash: "test"},
	}
	d := domain.Decision{Action: domain.ActionOpen, State: domain.Coordination, AgencyID: "min-roads", Reason: "assigned_unseen",
		Words: "поручено без модерации", RegisteredAt: registered, Deadline: domain.Deadline{Days: 10, Due: due, Control: due, Reason: "строка 3 Перечня"}}
	change(&d, &judged)
	src.Epoch = 0
	batch := domain.Batch{Source: src, Posts: []domain.Post{judged.Post}, State: domain.SourceActive, Reason: "получено: 1", Cursor: json.RawMessage("1")}
	decide := func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision { return d }
	if _, err := store.Commit(t.Context(), registered, batch, []domain.Judged{judged}, decide); err != nil {
		t.Fatal(err)
	}
}

func source(t *testing.T, store *storage.Store, region, address, title string) domain.Source {
	t.Helper()
	src, err := store.AddSource(t.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: address, Title: title})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func nothing(*domain.Decision, *domain.Judged) {}

func TestPageShowsBothRegions(t *testing.T) {
	store := storagetest.New(t)
	open(t, store, source(t, store, "khabarovsk", "-1", "Хабаровск сегодня"), nothing)
	open(t, store, source(t, store, "kaliningrad", "-2", ""), func(d *domain.Decision, j *domain.Judged) {
		d.State, d.AgencyID, d.Urgent, j.Verdict.Urgent = domain.Moderation, "", true, true
		d.Deadline.Due = time.Date(2026, 12, 22, 22, 0, 0, 0, time.UTC)
		j.Verdict.Place = domain.Place{}
	})
	if _, err := store.MarkOverdue(t.Context(), "khabarovsk", stillClock{}.Now()); err != nil {
		t.Fatal(err)
	}
	res := get(t, handler(t, store, regions), "/")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("status %d, %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	page := body(t, res)
	east, west, _ := strings.Cut(page, `<section id="kaliningrad">`)
	shows(t, east, "Хабаровский край", "05.12.2026 12:00", "27-2026-000001", "На координации", "стр. 3 ямы", "орган min-roads",
		"просрочены дольше всех", "просрочено на 2 дня", "03.12.2026, 23:59 · строка 3 Перечня", "поручено без модерации", "Хабаровск сегодня", "есть новое", "23.11 16:42")
	shows(t, west, "Калининградская область", "39-2026-000001", "срочно", "не назначен", "место не названо", "осталось 17 дн.", "-2</td>")
	if strings.Contains(west, "просрочен") {
		t.Error("the other region's case is shown as overdue")
	}
	if n := regexp.MustCompile(`data-label="Просрочено">(\d+)<`).FindAllStringSubmatch(page, -1); len(n) != 2 || n[0][1] != "1" || n[1][1] != "0" {
		t.Errorf("counters of overdue: %v", n)
	}
}

func TestPageSaysWhatIsEmptyAndWhatToDo(t *testing.T) {
	store := storagetest.New(t)
	page := body(t, get(t, handler(t, store, regions), "/"))
	if n := strings.Count(page, "Инцидентов пока нет"); n != 2 || strings.Count(page, "otklik source add") != 2 {
		t.Errorf("two empty regions say so %d times:\n%s", n, page)
	}
	page = body(t, get(t, handler(t, store, func() []desk.Region { return nil }), "/"))
	shows(t, page, "Регионы не настроены")
}

// What citizens and owners of walls write is shown, never run.
func TestPageEscapesWhatOthersWrote(t *testing.T) {
	store := storagetest.New(t)
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	src := source(t, store, "khabarovsk", "-1", "Стена "+evil)
	open(t, store, src, func(d *domain.Decision, j *domain.Judged) {
		d.Words = "причина " + evil
		d.AgencyID = evil
		d.Deadline.Reason = evil
		j.Verdict.Place = domain.Place{Settlement: "Село " + evil, Street: evil, House: evil}
	})
	page := body(t, get(t, handler(t, store, regions), "/"))
	for _, bad := range []string{"<script", "<img", `"'>`} {
		if strings.Contains(page, bad) {
			t.Errorf("%q stands in the page:\n%s", bad, page)
		}
	}
	shows(t, page, "Стена &lt;script&gt;", "Село &lt;script&gt;", "причина &lt;script&gt;", "орган &lt;script&gt;")
}

// The page asks nobody who they are: of a restricted case it tells that it is there.
func TestRestrictedCaseKeepsItsWords(t *testing.T) {
	store := storagetest.New(t)
	open(t, store, source(t, store, "khabarovsk", "-1", "Стена"), func(d *domain.Decision, j *domain.Judged) {
		d.Restricted, d.Words, d.AgencyID = true, "требуют взятку", "anticorruption"
		j.Verdict.Place.Street = "Тайная улица"
	})
	page := body(t, get(t, handler(t, store, regions), "/"))
	shows(t, page, "27-2026-000001", "доступ ограничен", "просрочено на 2 дня")
	for _, secret := range []string{"взятку", "Тайная", "anticorruption", "стр. 3"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows %q", secret)
		}
	}
}

func TestHeadersForbidScriptsAndStrangers(t *testing.T) {
	h := handler(t, storagetest.New(t), regions)
	for path, status := range map[string]int{"/": 200, "/style.css": 200, "/status.html": 404, "/nothing": 404} {
		res := get(t, h, path)
		if res.StatusCode != status {
			t.Errorf("%s: status %d, want %d", path, res.StatusCode, status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	css := get(t, h, "/style.css")
	if !strings.HasPrefix(css.Header.Get("Content-Type"), "text/css") || !strings.Contains(body(t, css), "prefers-color-scheme: dark") {
		t.Errorf("the style is served as %s", css.Header.Get("Content-Type"))
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	if rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", rec.Code)
	}
	// The policy forbids inline styles and scripts: the page has none.
	if page := body(t, get(t, h, "/")); regexp.MustCompile(`<script|style=|<style|\son\w+=`).MatchString(page) {
		t.Errorf("the page breaks its own policy:\n%s", page)
	}
}

func TestPageWithoutADatabaseSaysSoInWords(t *testing.T) {
	store := storagetest.New(t)
	h := handler(t, store, regions)
	store.Close()
	away(t, get(t, h, "/"))
}

// hanging is a database that does not answer.
type hanging struct{ desk.Store }

func (hanging) Stats(ctx context.Context, _ string) (domain.Stats, error) {
	<-ctx.Done()
	return domain.Stats{}, ctx.Err()
}

func TestHangingDatabaseDoesNotHangThePage(t *testing.T) {
	began := time.Now()
	away(t, get(t, handler(t, hanging{storagetest.New(t)}, regions), "/"))
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

func away(t *testing.T, res *http.Response) {
	t.Helper()
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Refresh") == "" || res.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("status %d, headers %v", res.StatusCode, res.Header)
	}
	if words := body(t, res); !strings.HasPrefix(words, "База данных не отвечает.") || strings.Contains(words, "closed pool") {
		t.Errorf("it says %q", words)
	}
}
