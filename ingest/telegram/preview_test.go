package tgingest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

func previewSource(name string) domain.Source {
	return domain.Source{ID: 3, Region: "khabarovsk", Kind: domain.TelegramPreview, Address: name, Home: "amursk"}
}

func TestPreviewGivesTheIdentityOfTheBotAPI(t *testing.T) {
	b := newBench(t)
	bot, page := b.botSource(), previewSource("dvor_khv")
	news := b.world.Channel(-1001000000009, "Novosti_V", "Новости")
	news.SetMember(false)
	far := news.Post(tgfake.Draft{Text: "Издалека"})
	ch := b.world.Channel(chanID, "dvor_khv", "Двор & Ко")
	drafts := []tgfake.Draft{
		{Text: "Первая строка\nвторая  с двумя пробелами 🔥 и <угол> & «кавычки»", Views: 37_200},
		{Text: "подпись", Media: "photo", Views: 746},
		{Media: "video", Text: "видео с длительностью", Views: 1_100_000},
		{Poll: &tgfake.Poll{Question: "Греют?", Options: []string{"Да", "Нет"}}},
		{Text: "Подробности здесь", Links: []tgfake.Link{{Word: "здесь", URL: "https://example.org/a?b=1&c=2"}}},
		{Text: far.Text(), Forward: &tgfake.Origin{Post: far}},
		{Text: "", Media: "sticker"},
		{Media: "document", File: "акт осмотра.pdf", Text: "акт"},
	}
	var list []*tgfake.Message
	for _, d := range drafts {
		list = append(list, ch.Post(d))
	}
	b.drain(&bot)
	byBot := b.store.posts
	b.store = newStore()
	b.poll(&page)
	for i, m := range list {
		api, web := byBot[m.PostID()], b.store.get(t, m)
		if web.Text != api.Text || !web.PublishedAt.Equal(api.PublishedAt) || web.URL != api.URL || web.Author != api.Author || web.Kind != api.Kind {
			t.Errorf("post %d differs:\npage %+v\n bot %+v", i, web, api)
		}
		if i != 6 && i != 7 && web.TextHash() != api.TextHash() {
			t.Errorf("post %d: attachments %v and %v", i, web.Attachments, api.Attachments)
		}
		if web.Views != int64(drafts[i].Views) {
			t.Errorf("post %d has %d views, want %d", i, web.Views, drafts[i].Views)
		}
	}
	if o := b.store.get(t, list[5]).Origin; o != domain.NewPostID(domain.Telegram, "@novosti_v", "1") {
		t.Errorf("origin of the forward: %s", o)
	}
	if p := b.store.get(t, list[0]); p.Home != "amursk" || p.Region != "khabarovsk" || len(p.Raw) == 0 || strings.Contains(string(p.Raw), "<svg") {
		t.Errorf("home %q, region %q, raw %d bytes", p.Home, p.Region, len(p.Raw))
	}
}

func TestPreviewWalksBackToTheCursor(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	ch.SetNextID(500)
	post := func(n int) (list []*tgfake.Message) {
		for i := range n {
			list = append(list, ch.Post(tgfake.Draft{Text: fmt.Sprint("сообщение ", i)}))
		}
		return list
	}
	first := post(30)
	b.poll(&src)
	gap := post(170)
	b.clock.add(time.Hour)
	batch := b.preview(&src)
	if len(batch.Posts) != 3*20 || !batch.More {
		t.Fatalf("one pull took %d posts, more %v", len(batch.Posts), batch.More)
	}
	late := ch.Post(tgfake.Draft{Text: "во время обхода"})
	src.Cursor = append([]byte(nil), src.Cursor...) // the worker is restarted here
	posts, _ := b.poll(&src)
	if len(posts) != 110 || b.store.has(late) {
		t.Errorf("the rest of the walk took %d posts", len(posts))
	}
	if again, _ := b.poll(&src); len(again) != 1 {
		t.Errorf("the poll after the walk took %d posts, want the late one", len(again))
	}
	for _, m := range append(append(first, gap...), late) {
		b.store.get(t, m)
	}
	if unchanged := b.preview(&src); len(unchanged.Posts) != 0 || unchanged.Cursor != nil || unchanged.More {
		t.Errorf("an unchanged page gave %d posts, cursor %s", len(unchanged.Posts), unchanged.Cursor)
	}
}

func TestFirstPollOfAPreviewLooksBackSomeDays(t *testing.T) {
	for _, c := range []struct{ days, want int }{{0, 24}, {2, 48}, {30, 100}} {
		b := newBench(t)
		src := previewSource("dvor_khv")
		src.Settings = settings(t, Settings{FirstDays: c.days})
		ch := b.world.Channel(chanID, "dvor_khv", "Двор")
		for i := range 100 {
			ch.Post(tgfake.Draft{At: b.clock.Now().Add(time.Duration(i-99) * time.Hour), Text: fmt.Sprint("час ", i)})
		}
		b.clock.add(time.Second)
		posts, _ := b.poll(&src)
		if len(posts) != c.want {
			t.Errorf("%d days back: %d posts, want %d", c.days, len(posts), c.want)
		}
	}
}

func TestPreviewSeesEditsAndQuietDeletions(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	var list []*tgfake.Message
	for i := range 10 {
		list = append(list, ch.Post(tgfake.Draft{Text: fmt.Sprint("сообщение ", i)}))
	}
	b.poll(&src)
	b.clock.add(10 * time.Minute)
	list[4].EditText(time.Time{}, "сообщение 4, уточнено")
	list[5].EditInvisibly(time.Time{})
	list[7].Delete(time.Time{})
	list[9].Delete(time.Time{}) // the newest one

	posts, deleted := b.poll(&src)
	if len(posts) != 1 || posts[0].ID != list[4].PostID() || !posts[0].EditedAt.Equal(b.clock.Now()) {
		t.Errorf("changed: %+v", posts)
	}
	if len(deleted) != 0 {
		t.Errorf("a page that once lacked posts was believed: %v", deleted)
	}
	_, deleted = b.poll(&src)
	want := []domain.PostID{list[7].PostID(), list[9].PostID()}
	if len(deleted) != 2 || deleted[0].ID != want[0] || deleted[1].ID != want[1] || !deleted[0].At.Equal(b.clock.Now()) {
		t.Errorf("deleted %v, want %v", deleted, want)
	}
	if posts, deleted := b.poll(&src); len(posts)+len(deleted) != 0 {
		t.Errorf("told twice: %v %v", posts, deleted)
	}
}

func TestPostsThatOnlyMovedToTheNextPageAreNotDeleted(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	for range 20 {
		ch.Post(tgfake.Draft{Text: "старое"})
	}
	b.poll(&src)
	for range 3 {
		for range 5 {
			ch.Post(tgfake.Draft{Text: "новое"})
		}
		if _, deleted := b.poll(&src); len(deleted) != 0 {
			t.Fatalf("deleted %v", deleted)
		}
	}
}

func TestPreviewAlbumIsOnePost(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	before := ch.Post(tgfake.Draft{Text: "до"})
	parts := ch.Album(tgfake.Draft{}, tgfake.Draft{Media: "video"}, tgfake.Draft{Text: "Свалка\nза гаражами"})
	after := ch.Post(tgfake.Draft{Text: "после"})
	posts, _ := b.poll(&src)
	if len(posts) != 3 || !b.store.has(before) || !b.store.has(after) {
		t.Fatalf("%d posts", len(posts))
	}
	p := b.store.get(t, parts[0])
	if p.Text != "Свалка\nза гаражами" || len(p.Attachments) != 3 || p.Album != "" {
		t.Errorf("album: %q, %v", p.Text, p.Attachments)
	}
	parts[1].Delete(time.Time{})
	b.poll(&src)
	if _, deleted := b.poll(&src); len(deleted) != 0 {
		t.Errorf("a lost member made the album deleted: %v", deleted)
	}
}

func TestPagesWithoutAListAreToldApart(t *testing.T) {
	b := newBench(t)
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	b.world.Supergroup(groupID, "sosedi_khv", "Соседи")

	empty := b.preview(ptr(previewSource("dvor_khv")))
	if len(empty.Posts) != 0 || empty.Cursor != nil || empty.More {
		t.Errorf("an empty channel gave %+v", empty)
	}
	if title, err := b.pages.Check(t.Context(), previewSource("https://t.me/s/dvor_khv")); err != nil || title != "Двор" {
		t.Errorf("check: %q, %v", title, err)
	}
	ch.SetPreview(false)
	for _, c := range []struct {
		name  string
		fault tgfake.Fault
		want  domain.Reaction
		words string
	}{
		{"dvor_khv", tgfake.Fault{}, domain.CloseSource, "нет открытой ленты"},
		{"nikto_takoi", tgfake.Fault{}, domain.CloseSource, "нет открытой ленты"},
		{"dvor_khv", tgfake.Fault{Status: 200, Text: b.world.Landing("dvor_khv")}, domain.CloseSource, "предпросмотр выключен"},
		{"dvor_khv", tgfake.Fault{Status: 200, Text: b.world.Landing("nikto_takoi")}, domain.CloseSource, "не найден"},
		{"dvor_khv", tgfake.Fault{Status: 200, Text: b.world.Landing("sosedi_khv")}, domain.CloseSource, "чат, а не канал"},
		{"dvor_khv", tgfake.Fault{Status: 200, Text: "<html><body>Добро пожаловать в Wi-Fi</body></html>"}, domain.RetryLater, "не похожа"},
		{"dvor_khv", tgfake.Fault{Status: 200, Text: "<html><body><section class=\"tgme_channel_history\">"}, domain.RetryLater, "не целиком"},
		{"dvor_khv", tgfake.Fault{Status: 302, Location: "/s/dvor_novy"}, domain.AskPerson, "dvor_novy"},
		{"dvor_khv", tgfake.Fault{Status: 302, Location: "https://proxy.example/login"}, domain.RetryLater, "proxy.example"},
		{"dvor_khv", tgfake.Fault{Status: 404}, domain.CloseSource, "не найден"},
		{"dvor_khv", tgfake.Fault{Status: 429, RetryAfter: 90}, domain.SlowDown, "реже"},
		{"dvor_khv", tgfake.Fault{Status: 503}, domain.RetryLater, "сбой"},
		{"не имя", tgfake.Fault{}, domain.AskPerson, "неверное имя"},
	} {
		if c.fault.Status != 0 {
			c.fault.Method = "preview"
			b.world.Fail(c.fault)
		}
		_, err := b.pages.Pull(t.Context(), previewSource(c.name))
		pe := platformError(t, err)
		if pe.Reaction != c.want || !strings.Contains(pe.Words, c.words) {
			t.Errorf("%s %+v: %s %q", c.name, c.fault, pe.Reaction, pe.Words)
		}
		if c.fault.RetryAfter > 0 && pe.RetryAfter != 90*time.Second {
			t.Errorf("retry after %s", pe.RetryAfter)
		}
		b.world.Heal()
	}
}

func ptr[T any](v T) *T { return &v }

func TestEmptyListAfterPostsIsNotBelieved(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	m := ch.Post(tgfake.Draft{Text: "единственное"})
	b.poll(&src)
	m.Delete(time.Time{})
	_, err := b.pages.Pull(t.Context(), src)
	if pe := platformError(t, err); pe.Reaction != domain.RetryLater || !strings.Contains(pe.Words, "пустую ленту") {
		t.Errorf("%+v", pe)
	}
}

func TestNameTakenByAnotherChannelAsksAPerson(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	ch.Post(tgfake.Draft{Text: "наш"})
	b.poll(&src)
	ch.Rename("dvor_khv_novy")
	b.world.Channel(-1001000000077, "dvor_khv", "Казино").Post(tgfake.Draft{Text: "чужой"})
	_, err := b.pages.Pull(t.Context(), src)
	if pe := platformError(t, err); pe.Reaction != domain.AskPerson || !strings.Contains(pe.Words, "другому каналу") {
		t.Errorf("%+v", pe)
	}
}

// handPage is a page with some bare messages.
func handPage(name, view string, ids ...int) tgfake.Fault {
	s := `<html><body><section class="tgme_channel_history">`
	for _, id := range ids {
		s += fmt.Sprintf(`<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="%s/%d"%s><div class="tgme_widget_message_text">яма</div><a class="tgme_widget_message_date"><time datetime="2026-03-10T01:00:00+00:00"></time></a></div></div>`, name, id, view)
	}
	return tgfake.Fault{Method: "preview", Status: 200, Text: s + "</section></body></html>"}
}

func TestPostThatReappearsIsTakenAgain(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	for i, c := range []struct {
		ids            []int
		posts, deleted int
	}{
		{[]int{1, 2, 3}, 3, 0},
		{[]int{1, 3}, 0, 0},
		{[]int{1, 2, 3}, 0, 0}, // a stale page had hidden it
		{[]int{1, 3}, 0, 0},
		{[]int{1, 3}, 0, 1},
		{[]int{1, 3}, 0, 0},
		{[]int{1, 2, 3}, 1, 0},
		{[]int{1, 2, 3}, 0, 0},
	} {
		b.world.Fail(handPage("dvor_khv", "", c.ids...))
		batch := b.preview(&src)
		if len(batch.Posts) != c.posts || len(batch.Deletions) != c.deleted {
			t.Errorf("poll %d: %d posts, %d deletions, want %d, %d", i, len(batch.Posts), len(batch.Deletions), c.posts, c.deleted)
		}
	}
}

func TestPreviewWithoutDataViewFallsBackToTheName(t *testing.T) {
	b := newBench(t)
	src := previewSource("Dvor_KHV")
	b.world.Fail(handPage("Dvor_KHV", "", 5))
	b.world.Fail(handPage("Dvor_KHV", ` data-view="eyJjIjotMTAwMDAwMDAwMX0"`, 5, 6))
	b.poll(&src)
	b.poll(&src)
	for _, post := range []string{"5", "6"} {
		if _, ok := b.store.posts[domain.NewPostID(domain.Telegram, "@dvor_khv", post)]; !ok {
			t.Errorf("post %s is not under the name; stored %v", post, b.store.posts)
		}
	}
	if len(b.store.posts) != 2 {
		t.Errorf("a page that suddenly tells the id doubled the posts: %d", len(b.store.posts))
	}
}

func TestPostThatOnlyTheAppShowsIsMarked(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	hidden := ch.Post(tgfake.Draft{AppOnly: true})
	shown := ch.Post(tgfake.Draft{AppOnly: true, Text: "а текст на странице есть"})
	b.poll(&src)
	if p := b.store.get(t, hidden); fmt.Sprint(p.Attachments) != "[{unsupported  }]" {
		t.Errorf("attachments %v", p.Attachments)
	}
	if p := b.store.get(t, shown); p.Text != "а текст на странице есть" || len(p.Attachments) != 0 {
		t.Errorf("%q %v", p.Text, p.Attachments)
	}
}

func TestPreviewReplyIsNotItsText(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	first := ch.Post(tgfake.Draft{Text: "Старая новость"})
	answer := ch.Post(tgfake.Draft{Text: "Продолжение", ReplyTo: first})
	service := ch.Post(tgfake.Draft{Service: "pinned_message", ReplyTo: first})
	b.poll(&src)
	if p := b.store.get(t, answer); p.Text != "Продолжение" || p.ReplyTo != first.PostID() {
		t.Errorf("%q answers %s", p.Text, p.ReplyTo)
	}
	if b.store.has(service) {
		t.Error("a service message became a post")
	}
}

func TestCutPreviewPageLosesNothing(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	m := ch.Post(tgfake.Draft{Text: "яма"})
	b.world.Fail(tgfake.Fault{Method: "preview", CutAfter: 900})
	if _, err := b.pages.Pull(t.Context(), src); platformError(t, err).Reaction != domain.RetryLater {
		t.Error(err)
	}
	if len(b.ledger.ServedIDs()) != 0 {
		t.Error("the ledger holds posts of a page that never arrived whole")
	}
	b.poll(&src)
	b.store.get(t, m)
}

func TestOlderPageThatComesEmptyIsAskedForThreeTimes(t *testing.T) {
	b := newBench(t)
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	for i := range 50 {
		ch.Post(tgfake.Draft{Text: fmt.Sprint("сообщение ", i)})
	}
	nothing := tgfake.Fault{Method: "preview", Status: 200, Text: string(read(t, "testdata/pages/empty.html"))}
	b.world.Fail(tgfake.Fault{Method: "preview", Delay: time.Millisecond}) // the newest page is true
	b.world.Fail(nothing)
	if batch := b.preview(&src); len(batch.Posts) != 20 || batch.More {
		t.Fatalf("%d posts, more %v", len(batch.Posts), batch.More)
	}
	b.poll(&src) // the next poll goes on where the page came empty
	if len(b.store.posts) != 50 {
		t.Fatalf("stored %d of 50", len(b.store.posts))
	}

	// A history that really ends there must not hold the source forever.
	src, b.store = previewSource("dvor_khv"), newStore()
	b.world.Fail(tgfake.Fault{Method: "preview", Delay: time.Millisecond})
	for range emptyPages {
		b.world.Fail(nothing)
	}
	for range emptyPages {
		b.preview(&src)
	}
	ch.Post(tgfake.Draft{Text: "новое"})
	if batch := b.preview(&src); len(batch.Posts) != 1 {
		t.Errorf("the walk never ended: %d posts", len(batch.Posts))
	}
}
