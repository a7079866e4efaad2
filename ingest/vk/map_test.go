package vkingest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
)

func source() domain.Source {
	return domain.Source{ID: 7, Region: "khabarovsk", Home: "zarechny"}
}

// page reads a recorded answer.
func testPage(t *testing.T, name string) vk.Page {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Response vk.Page `json:"response"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Response
}

// differs compares posts without their raw data.
func differs(want, got domain.Post) string {
	got.Raw = nil
	return cmp.Diff(want, got)
}

func TestMapPosts(t *testing.T) {
	t.Parallel()
	page := testPage(t, "wall_get.json")
	f := Frame{Source: source(), Names: page.Names}
	want := []domain.Post{
		{
			ID: postID(-101, 12), Region: "khabarovsk", SourceID: 7, Home: "zarechny", Kind: domain.WallPost,
			Author: domain.Author{ID: "-101", Name: "Подслушано в Заречном", Org: true}, Text: "Правила: пишите адрес.",
			PublishedAt: time.Unix(1767225600, 0).UTC(), URL: "https://vk.com/wall-101_12", Views: 5120,
		},
		{
			ID: postID(-101, 481), Region: "khabarovsk", SourceID: 7, Home: "zarechny", Kind: domain.WallPost,
			Author:      domain.Author{ID: "240000000777", Name: "Зоя Полевых"},
			Text:        "Третий день нет света на Береговой&#33; [id5|Пётр] подтвердит.\n\nУ кого ещё темно?",
			PublishedAt: time.Unix(1795420800, 0).UTC(), EditedAt: time.Unix(1795421400, 0).UTC(),
			URL: "https://vk.com/wall-101_481", Views: 731, Comments: 14, Geo: &domain.Geo{Lat: 48.480223, Lon: 135.071917},
			Attachments: []domain.Attachment{
				{Type: "photo", URL: "https://sun.example/9?size=807"},
				{Type: "video", URL: "https://vk.com/video-101_77", Name: "Тёмная улица"},
				{Type: "poll", URL: "https://vk.com/poll-101_31", Name: "У кого ещё темно?"},
				{Type: "link", URL: "https://example.org/plan", Name: "График отключений"},
				{Type: "doc", URL: "https://vk.com/doc-101_4?hash=x", Name: "письмо.pdf"},
				{Type: "photos_list"},
				{Type: "hologram"},
			},
		},
		{
			ID: postID(-101, 482), Region: "khabarovsk", SourceID: 7, Home: "zarechny", Kind: domain.WallPost,
			Author:      domain.Author{ID: "55", Name: "Олег Луговых"},
			Text:        "Вот и у нас так.\n\nСогласна полностью.\n\nЯма у школы № 3.",
			PublishedAt: time.Unix(1795424400, 0).UTC(), URL: "https://vk.com/wall-101_482",
			Origin: postID(-202, 3001), Geo: &domain.Geo{Lat: 54.710454, Lon: 20.512733},
			Attachments: []domain.Attachment{{Type: "photo", URL: "https://old.example/604.jpg"}},
		},
	}
	for i, raw := range page.Items {
		got, err := MapPost(raw, f)
		if err != nil {
			t.Fatal(err)
		}
		if d := differs(want[i], got); d != "" {
			t.Errorf("post %d (-want +got):\n%s", i, d)
		}
		if string(got.Raw) != string(raw) {
			t.Errorf("post %d: raw data changed", i)
		}
	}
}

func TestMapComments(t *testing.T) {
	t.Parallel()
	page := testPage(t, "wall_comments.json")
	f := Frame{Source: source(), Owner: -101, Post: 481, Names: page.Names}
	got, err := MapComment(page.Items[0], f)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(got.Raw), "Передали") {
		t.Error("the raw data of a comment holds its thread")
	}
	want := domain.Post{
		ID: commentID(-101, 481, 500), Region: "khabarovsk", SourceID: 7, Home: "zarechny", Kind: domain.Comment,
		Author: domain.Author{ID: "61", Name: "Рита Речных"}, Text: "[id55|Олег], у нас на Речной то же самое<br>и воды нет",
		PublishedAt: time.Unix(1795425000, 0).UTC(), URL: "https://vk.com/wall-101_481?reply=500",
		Thread: postID(-101, 481), Attachments: []domain.Attachment{{Type: "sticker"}},
	}
	if d := differs(want, got); d != "" {
		t.Errorf("comment (-want +got):\n%s", d)
	}
	gone, err := MapComment(page.Items[1], f)
	if !errors.Is(err, ErrDeleted) || gone.ID != commentID(-101, 481, 501) {
		t.Errorf("deleted comment: %v %v", gone.ID, err)
	}
	var top commentShape
	if err := json.Unmarshal(page.Items[0], &top); err != nil {
		t.Fatal(err)
	}
	reply, err := MapComment(top.Thread.Items[1], f)
	if err != nil || reply.ReplyTo != commentID(-101, 481, 502) || reply.URL != "https://vk.com/wall-101_481?reply=503&thread=500" {
		t.Errorf("reply %+v %v", reply, err)
	}
}

func TestMapEvents(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var events []json.RawMessage
	if err := json.Unmarshal(raw, &events); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"wall_post_new taken vk:-101_490: Предлагаю новость: яма",
		"wall_post_new ignored",
		"wall_reply_new taken vk:-101_481_510: с post_owner_id",
		"wall_reply_new taken vk:-101_481_511: с owner_id",
		"wall_reply_edit taken vk:-101_481_510: исправлено",
		"wall_reply_delete taken deletes vk:-101_481_511",
		"wall_reply_restore taken vk:-101_481_511: с owner_id",
		"message_new taken vk:-101_dialog:61:3: Когда дадут тепло?",
		"message_new taken vk:-101_dialog:2000000004:15: из беседы, без обёртки",
		"message_new ignored",
		"message_edit taken vk:-101_dialog:61:3: Когда дадут тепло на Речной?",
		"poll_vote_new ignored",
		"something_new_of_2027 unknown",
	}
	for i, raw := range events {
		if got := told(MapEvent(raw, source())); got != want[i] {
			t.Errorf("event %d: %s, want %s", i, got, want[i])
		}
	}
	for i, first := range map[int]bool{0: false, 2: true, 4: false, 6: false, 7: true, 10: false} {
		if got := MapEvent(events[i], source()).Post.First; got != first {
			t.Errorf("event %d: first %v, want %v", i, got, first)
		}
	}
	message := MapEvent(events[7], source()).Post
	if message.Geo == nil || message.Attachments[0].URL != "https://a.example/1.mp3" || message.URL != "https://vk.com/gim101?sel=61" {
		t.Errorf("message %+v", message)
	}
}

func told(e Event) string {
	s := e.Type + " " + string(e.Outcome)
	if e.Post != nil {
		s += " " + e.Post.ID.String() + ": " + e.Post.Text
	}
	if e.Deletion != nil {
		s += " deletes " + e.Deletion.String()
	}
	return s
}

func TestMapSearch(t *testing.T) {
	t.Parallel()
	page := testPage(t, "search.json")
	if page.Count != 1000 || page.NextFrom != "2/-202_901" {
		t.Errorf("%d %q", page.Count, page.NextFrom)
	}
	r := newRun(Deps{Clock: domain.SystemClock{}}, source(), Settings{MaxCalls: 5}, &memory{})
	s := &searching{run: r, cur: &searchCursor{}, fresh: map[string]sighting{}}
	for _, it := range r.items(page, 0) {
		s.take(it)
	}
	if len(r.batch.Posts) != 2 {
		t.Fatalf("%d posts", len(r.batch.Posts))
	}
	found := r.batch.Posts[1]
	if found.ID != commentID(-202, 880, 901) || found.Kind != domain.Comment || found.Author.Name != "Лия Долгих" {
		t.Errorf("found comment %+v", found)
	}
}

func TestMapOddInput(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		raw   string
		err   error
		fault domain.FaultCode
	}{
		"not an object":     {raw: `[]`, err: ErrNoIdentity},
		"null":              {raw: `null`, err: ErrNoIdentity},
		"id beyond int64":   {raw: `{"id":99999999999999999999,"owner_id":-1,"date":1795424400}`, err: ErrNoIdentity},
		"id of a fraction":  {raw: `{"id":1.5,"owner_id":-1,"date":1795424400}`, err: ErrNoIdentity},
		"no date":           {raw: `{"id":1,"owner_id":-1,"text":"x"}`, fault: domain.FaultUnknownShape},
		"date of year 9e9":  {raw: `{"id":1,"owner_id":-1,"date":290000000000000000}`, fault: domain.FaultUnknownShape},
		"text is an object": {raw: `{"id":1,"owner_id":-1,"date":1795424400,"text":{"a":1}}`, fault: domain.FaultUnknownShape},
		"nul":               {raw: `{"id":1,"owner_id":-1,"date":1795424400,"text":"a\u0000b"}`, fault: domain.FaultNUL},
		"broken utf-8":      {raw: "{\"id\":1,\"owner_id\":-1,\"date\":1795424400,\"text\":\"a\xff\"}", fault: domain.FaultInvalidUTF8},
		"geo NaN":           {raw: `{"id":1,"owner_id":-1,"date":1795424400,"geo":{"coordinates":"NaN 1"}}`},
		"deleted":           {raw: `{"id":1,"owner_id":-1,"is_deleted":true}`, err: ErrDeleted},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := MapPost(json.RawMessage(c.raw), Frame{Source: source()})
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if c.fault != "" && (len(p.Faults) == 0 || p.Faults[0].Code != c.fault) {
				t.Errorf("faults %v, want %s", p.Faults, c.fault)
			}
			if c.fault == "" && len(p.Faults) > 0 {
				t.Errorf("faults %v", p.Faults)
			}
			if _, err := json.Marshal(p); err != nil {
				t.Errorf("not storable: %v", err)
			}
		})
	}
}

// FuzzMap: whatever comes in, mapping neither panics nor makes something that
// cannot be stored.
func FuzzMap(f *testing.F) {
	for _, name := range []string{"wall_get.json", "wall_comments.json", "events.json", "search.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"type":"message_new","group_id":1,"object":{"message":{"id":1,"peer_id":1}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		frame := Frame{Source: source(), Owner: -1, Post: 1}
		post, _ := MapPost(raw, frame)
		comment, _ := MapComment(raw, frame)
		message, _, _ := MapMessage(raw, frame)
		posts := []domain.Post{post, comment, message}
		if e := MapEvent(raw, source()); e.Post != nil {
			posts = append(posts, *e.Post)
		}
		var page vk.Page
		_ = json.Unmarshal(raw, &page)
		for _, item := range page.Items {
			p, _ := MapPost(item, frame)
			posts = append(posts, p)
		}
		for _, p := range posts {
			if _, err := json.Marshal(p); err != nil {
				t.Errorf("not storable: %v", err)
			}
			if strings.Contains(p.Text, "\x00") || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("text %q", p.Text)
			}
		}
	})
}
