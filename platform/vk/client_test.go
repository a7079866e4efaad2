package vk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

const (
	service = "vk1.a.service-secret"
	second  = "vk1.a.second-secret"
	own     = "vk1.a.community-secret"
	group   = int64(101)
)

// fake starts a fake VK with one community and a post.
func fake(t *testing.T, limits vkfake.Limits, change func(*vk.Config)) (*vkfake.Server, *vk.Client, *bytes.Buffer) {
	t.Helper()
	var notes bytes.Buffer
	srv := vkfake.New(vkfake.Options{
		Clock: domain.SystemClock{}, Limits: limits, Service: []string{service, second},
		Ledger: ledger.New(&notes, time.Now), MaxWait: 30 * time.Millisecond,
	})
	srv.AddCommunity(vkfake.Community{ID: group, Name: "Заречный", ScreenName: "zarechny", Token: own})
	srv.AddPost(vkfake.Post{Owner: -group, Text: "объявление"})
	ts := httptest.NewServer(srv)
	t.Cleanup(ts.Close)
	cfg := vk.Config{
		MethodURL: ts.URL + vkfake.MethodPath, Service: []vk.Token{vk.ServiceToken(service)},
		Communities: []vk.Token{vk.CommunityToken(group, own)}, TooManyWait: time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	return srv, vk.New(cfg), &notes
}

func platformError(t *testing.T, err error) *domain.PlatformError {
	t.Helper()
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		t.Fatalf("%v is no platform error", err)
	}
	return pe
}

// reactions are all codes the table knows.
func reactions() map[domain.Reaction][]int {
	return map[domain.Reaction][]int{
		domain.RetryLater: {1, 10, 22, 32, 36, 43},
		domain.SlowDown:   {6},
		domain.NeverRepeat: {9, 601, 1105, 214, 219, 220, 222, 223, 224, 225, 900, 901, 902, 912, 917, 922, 925, 927, 932, 936, 939, 940, 944,
			945, 946, 950, 985, 987, 988, 1012},
		domain.AskPerson: {2, 5, 7, 11, 14, 16, 17, 20, 21, 23, 24, 25, 27, 28, 33, 34, 35, 37, 38, 41, 42, 101, 260, 500, 600, 703, 704,
			1114, 1116, 1117, 1118, 3300, 3301, 3302, 3303, 3304, 3609, 3610, 3611, 11500},
		domain.CloseSource: {15, 18, 19, 30, 39, 40, 104, 113, 125, 140, 141, 183, 200, 201, 203, 204, 205, 210, 211, 212, 213, 701, 801, 1260, 1401},
		domain.ParkToday:   {29, 103},
		domain.ReportBug:   {3, 4, 8, 12, 13, 100, 118, 150, 910, 911, 913, 914, 9999},
	}
}

func TestEveryCodeHasItsReaction(t *testing.T) {
	t.Parallel()
	srv, client, _ := fake(t, vkfake.NoLimits(), nil)
	want := reactions()
	want[domain.RetryLater] = append(want[domain.RetryLater], 424242) // nobody knows it
	for reaction, codes := range want {
		for _, code := range codes {
			srv.AddFault(vkfake.Fault{Code: code, Times: 3})
			_, err := client.WallGet(t.Context(), "-101", 0, 1)
			pe := platformError(t, err)
			if pe.Reaction != reaction || pe.Code != code || !strings.Contains(pe.Words, fmt.Sprint(code)) {
				t.Errorf("code %d: %s %q, want %s", code, pe.Reaction, pe.Words, reaction)
			}
			for range 3 { // what is left of the fault
				_, _ = client.WallGet(t.Context(), "-101", 0, 1)
			}
		}
	}
}

// No code is in the table that the list above does not show.
func TestNoCodeIsKnownWithoutATest(t *testing.T) {
	t.Parallel()
	shown := map[int]bool{}
	for _, codes := range reactions() {
		for _, code := range codes {
			shown[code] = true
		}
	}
	for code := -10; code < 100_000; code++ {
		if _, words := vk.React(code); shown[code] == strings.HasPrefix(words, "неизвестная ошибка VK") {
			t.Errorf("code %d, shown %v: %q", code, shown[code], words)
		}
	}
}

func TestCaptchaCarriesTheLink(t *testing.T) {
	t.Parallel()
	srv, client, _ := fake(t, vkfake.NoLimits(), nil)
	link := "https://id.vk.ru/not_robot_captcha?session_token=x"
	srv.AddFault(vkfake.Fault{Code: 14, Redirect: link}) // captcha_sid is a number there
	_, err := client.CreateComment(t.Context(), vk.CommentToSend{Group: group, Post: vk.PostRef{Owner: -group, Post: 1}, Text: "a", GUID: "g"})
	pe := platformError(t, err)
	if pe.Reaction != domain.AskPerson || !strings.Contains(pe.Words, link) {
		t.Fatalf("%s %q", pe.Reaction, pe.Words)
	}
}

func TestWireFaultsPass(t *testing.T) {
	t.Parallel()
	cases := map[string]vkfake.Fault{
		"cut": {Cut: true}, "half of the JSON": {Truncated: true}, "wrong type": {WrongType: true},
		"bad gateway": {Status: 502}, "too many": {Status: 429, RetryAfter: 7},
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, client, _ := fake(t, vkfake.NoLimits(), nil)
			srv.AddFault(f)
			_, err := client.WallGet(t.Context(), "-101", 0, 1)
			pe := platformError(t, err)
			if pe.Reaction != domain.RetryLater || pe.Words == "" {
				t.Errorf("%s %q", pe.Reaction, pe.Words)
			}
			if pe.RetryAfter != time.Duration(f.RetryAfter)*time.Second {
				t.Errorf("retry after %v", pe.RetryAfter)
			}
			if page, err := client.WallGet(t.Context(), "-101", 0, 1); err != nil || len(page.Items) != 1 {
				t.Errorf("afterwards: %v %v", page, err)
			}
		})
	}
}

func TestNobodyThereIsAFaultThatPasses(t *testing.T) {
	t.Parallel()
	client := vk.New(vk.Config{MethodURL: "http://127.0.0.1:1/method/", Service: []vk.Token{vk.ServiceToken(service)}})
	_, err := client.WallGet(t.Context(), "-101", 0, 1)
	if pe := platformError(t, err); pe.Reaction != domain.RetryLater {
		t.Fatalf("%v", pe)
	}
}

func TestSlowAnswerEndsWithTheContext(t *testing.T) {
	t.Parallel()
	srv, client, _ := fake(t, vkfake.NoLimits(), nil)
	srv.AddFault(vkfake.Fault{Delay: 20 * time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := client.WallGet(ctx, "-101", 0, 1)
	var pe *domain.PlatformError
	if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &pe) {
		t.Fatalf("%v", err)
	}
}

// quotas is a counter in memory.
type quotas struct {
	mu     sync.Mutex
	spent  map[string]int64
	parked map[string]bool
}

func newQuotas() *quotas { return &quotas{spent: map[string]int64{}, parked: map[string]bool{}} }

func (q *quotas) Spend(_ context.Context, token, method string, perDay int64) (int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := token + method
	if q.parked[key] || q.spent[key] >= perDay {
		return 0, &domain.PlatformError{Platform: domain.VK, Method: method, Code: 29, Reaction: domain.ParkToday, Err: errors.New("spent")}
	}
	q.spent[key]++
	return perDay - q.spent[key], nil
}

func (q *quotas) Left(_ context.Context, token, method string, perDay int64) (int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.parked[token+method] {
		return 0, nil
	}
	return perDay - q.spent[token+method], nil
}

func (q *quotas) Park(_ context.Context, token, method, _ string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.parked[token+method] = true
	return nil
}

func TestQuotaSpentOnOneTokenGoesOnWithTheNext(t *testing.T) {
	t.Parallel()
	q := newQuotas()
	limits := vkfake.NoLimits()
	limits.PerDay["wall.get"] = 3
	srv, client, _ := fake(t, limits, func(c *vk.Config) {
		c.Service = append(c.Service, vk.ServiceToken(second))
		c.Quotas = q
	})
	if left, perDay, err := client.Left(t.Context(), "wall.get"); err != nil || left != 10000 || perDay != 10000 {
		t.Fatalf("%d of %d, %v", left, perDay, err)
	}
	for i := range 6 {
		if _, err := client.WallGet(t.Context(), "-101", 0, 1); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	_, err := client.WallGet(t.Context(), "-101", 0, 1)
	if pe := platformError(t, err); pe.Reaction != domain.ParkToday {
		t.Fatalf("%v", pe)
	}
	if len(q.parked) != 2 {
		t.Errorf("parked %v", q.parked)
	}
	if left, _, _ := client.Left(t.Context(), "wall.get"); left != 0 {
		t.Errorf("%d left", left)
	}
	calls := srv.Calls("wall.get")
	_, err = client.WallGet(t.Context(), "-101", 0, 1)
	if platformError(t, err).Reaction != domain.ParkToday || srv.Calls("wall.get") != calls {
		t.Error("a parked method was called again")
	}
	if _, err := client.WallGetByID(t.Context(), []vk.PostRef{{Owner: -group, Post: 1}}); err != nil {
		t.Errorf("another method is parked too: %v", err)
	}
}

func TestTooManyIsTriedAgainAndThenTold(t *testing.T) {
	t.Parallel()
	srv, client, _ := fake(t, vkfake.NoLimits(), nil)
	srv.AddFault(vkfake.Fault{Code: 6, Times: 2})
	if _, err := client.WallGet(t.Context(), "-101", 0, 1); err != nil {
		t.Fatalf("%v", err)
	}
	srv.AddFault(vkfake.Fault{Code: 6, Times: 3})
	_, err := client.WallGet(t.Context(), "-101", 0, 1)
	if pe := platformError(t, err); pe.Reaction != domain.SlowDown {
		t.Fatalf("%v", pe)
	}
}

// limiter notes the keys and rates it was asked for.
type limiter struct {
	mu    sync.Mutex
	rates map[string]float64
}

func (l *limiter) Wait(ctx context.Context, key string, perSecond float64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rates[key] = perSecond
	return ctx.Err()
}

func TestLimiterIsAskedPerTokenWithItsRate(t *testing.T) {
	t.Parallel()
	l := &limiter{rates: map[string]float64{}}
	_, client, _ := fake(t, vkfake.NoLimits(), func(c *vk.Config) { c.Limiter = l })
	if _, err := client.WallGet(t.Context(), "-101", 0, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := client.GroupLongPollServer(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	for token, most := range map[string]float64{service: vk.ServicePerSecond, own: vk.CommunityPerSecond} {
		if got := l.rates["vk:"+vk.ServiceToken(token).ID()]; got > most || got < most/2 {
			t.Errorf("%v a second, VK allows %v", got, most)
		}
	}
}

// The fake repeats the token in request_params and in messages, as VK does.
func TestTokensAreNeverShown(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	srv, client, _ := fake(t, vkfake.NoLimits(), func(c *vk.Config) {
		c.Service = append(c.Service, vk.ServiceToken(second))
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	var texts []string
	for _, f := range []vkfake.Fault{{Code: 5}, {Code: 100}, {Code: 14, Redirect: "https://id.vk.ru/?t=" + service + second}, {Cut: true}, {WrongType: true}} {
		f.Times = 2
		srv.AddFault(f)
		_, err := client.WallGet(t.Context(), "-101", 0, 1)
		pe := platformError(t, err)
		texts = append(texts, err.Error(), pe.Words, fmt.Sprintf("%+v %#v", pe, pe))
		_, _ = client.WallGet(t.Context(), "-101", 0, 1)
	}
	token := vk.ServiceToken(service)
	texts = append(texts, fmt.Sprintf("%v %s %+v %#v", token, token, token, token), log.String())
	for _, text := range texts {
		for _, secret := range []string{service, second, own} {
			if strings.Contains(text, secret) {
				t.Errorf("%q holds a token", text)
			}
		}
	}
}

func TestLongPollKeyIsNeverShown(t *testing.T) {
	t.Parallel()
	client := vk.New(vk.Config{})
	for _, server := range []string{"http://127.0.0.1:1/x", "http://bad host/", "http://[::1"} {
		_, err := client.LongPoll(t.Context(), vk.LongPollServer{Server: server, Key: "key-secret", TS: "1"}, time.Second)
		if err == nil || strings.Contains(err.Error(), "key-secret") {
			t.Errorf("%v", err)
		}
	}
}

func TestWithoutTokensAPersonIsAsked(t *testing.T) {
	t.Parallel()
	client := vk.New(vk.Config{})
	_, err := client.WallGet(t.Context(), "-101", 0, 1)
	if platformError(t, err).Reaction != domain.AskPerson {
		t.Error(err)
	}
	_, err = client.SendMessage(t.Context(), vk.MessageToSend{Group: 5})
	if platformError(t, err).Reaction != domain.AskPerson {
		t.Error(err)
	}
}

// A community token on a wall read is error 27 (vk-io#177).
func TestCommunityTokenCannotReadWalls(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, vkfake.NoLimits(), func(c *vk.Config) { c.Service = []vk.Token{vk.ServiceToken(own)} })
	_, err := client.WallGet(t.Context(), "-101", 0, 1)
	if pe := platformError(t, err); pe.Code != 27 || pe.Reaction != domain.AskPerson {
		t.Fatalf("%v", pe)
	}
}

func TestGroupInBothShapes(t *testing.T) {
	t.Parallel()
	_, client, _ := fake(t, vkfake.NoLimits(), nil)
	if g, err := client.Group(t.Context(), "zarechny"); err != nil || g.ID != group || g.Name != "Заречный" {
		t.Fatalf("%+v %v", g, err)
	}
	newer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"response":{"groups":[{"id":7,"name":"Новый"}],"profiles":[]}}`))
	}))
	t.Cleanup(newer.Close)
	client = vk.New(vk.Config{MethodURL: newer.URL, Service: []vk.Token{vk.ServiceToken(service)}})
	if g, err := client.Group(t.Context(), "7"); err != nil || g.Name != "Новый" {
		t.Fatalf("%+v %v", g, err)
	}
}

func TestAnswersAreWrittenOnceHoweverOftenTried(t *testing.T) {
	t.Parallel()
	srv, client, notes := fake(t, vkfake.NoLimits(), nil)
	srv.AddMessage(vkfake.Message{Group: group, From: 77, Text: "почините свет"})
	comment := vk.CommentToSend{Group: group, Post: vk.PostRef{Owner: -group, Post: 1}, Text: "Спасибо, починим", GUID: "row-1"}
	message := vk.MessageToSend{Group: group, Peer: 77, Text: "Спасибо", RandomID: 77002}
	srv.AddFault(vkfake.Fault{Method: "wall.createComment", Cut: true}) // written, but nobody hears of it
	srv.AddFault(vkfake.Fault{Method: "messages.send", Cut: true})
	var ids [2][]int64
	for range 3 {
		if id, err := client.CreateComment(t.Context(), comment); err == nil {
			ids[0] = append(ids[0], id)
		}
		if id, err := client.SendMessage(t.Context(), message); err == nil {
			ids[1] = append(ids[1], id)
		}
	}
	for _, list := range ids {
		if len(list) != 2 || list[0] != list[1] {
			t.Errorf("ids %v", list)
		}
	}
	if n := strings.Count(notes.String(), `"what":"reply"`); n != 2 {
		t.Errorf("%d replies in the ledger:\n%s", n, notes)
	}
	_, err := client.SendMessage(t.Context(), vk.MessageToSend{Group: group, Peer: 78, Text: "?", RandomID: 5})
	if pe := platformError(t, err); pe.Code != 901 || pe.Reaction != domain.NeverRepeat {
		t.Errorf("%v", pe)
	}
}

func TestPerSecondLimitOfTheFakeAnswersSix(t *testing.T) {
	t.Parallel()
	srv, client, _ := fake(t, vkfake.Limits{ServicePerSecond: 1}, nil)
	var last error
	for range 4 {
		_, last = client.WallGet(t.Context(), "-101", 0, 1)
	}
	if pe := platformError(t, last); pe.Code != 6 {
		t.Fatalf("%v after %d calls", pe, srv.Calls("wall.get"))
	}
}
