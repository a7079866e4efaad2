package tgingest

import (
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

func tg(chat int64, message int) domain.PostID {
	return domain.NewPostID(domain.Telegram, fmt.Sprint(chat), fmt.Sprint(message))
}

func TestChannelPostIsMappedWhole(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "Dvor_khv", "Двор")
	m := ch.Post(tgfake.Draft{
		Text: "Остановка «Рынок» без крыши", Media: "photo",
		Location: &domain.Geo{Lat: 48.48, Lon: 135.07}, Venue: "Рынок",
	})
	b.drain(&src)
	p := b.store.get(t, m)
	want := domain.Post{
		ID: tg(chanID, 1), Region: "khabarovsk", SourceID: 1, Kind: domain.WallPost,
		Author: domain.Author{ID: fmt.Sprint(chanID), Name: "Двор", Org: true},
		Text:   "Остановка «Рынок» без крыши", PublishedAt: b.clock.Now(), URL: "https://t.me/Dvor_khv/1",
		Home: "khabarovsk_city",
	}
	got := p
	got.Attachments, got.Geo, got.Raw = nil, nil, nil
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if fmt.Sprint(p.Attachments) != "[{photo  } {venue  Рынок, Рынок}]" || *p.Geo != (domain.Geo{Lat: 48.48, Lon: 135.07}) || len(p.Raw) == 0 {
		t.Errorf("attachments %v, geo %v, raw %d bytes", p.Attachments, p.Geo, len(p.Raw))
	}
}

func TestCommentStandsUnderTheChannelPost(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch, talk := b.world.Channel(chanID, "dvor_khv", "Двор"), b.world.Supergroup(groupID, "", "Двор: обсуждение")
	ch.Link(talk)
	post := ch.Post(tgfake.Draft{Text: "Где плохо чистят снег?"})
	direct := post.Comment(tgfake.Draft{From: anna, Text: "На Третьей улице, у дома 8"})
	nested := post.Comment(tgfake.Draft{From: boris, Text: "И у дома 10", ReplyTo: direct})
	aside := talk.Post(tgfake.Draft{From: boris, Text: "Всем привет"})
	b.drain(&src)

	c := b.store.get(t, direct)
	if c.Kind != domain.Comment || c.Thread != post.PostID() || !c.ReplyTo.IsZero() {
		t.Errorf("a comment came as %s, thread %s, reply to %s", c.Kind, c.Thread, c.ReplyTo)
	}
	if c.Author != (domain.Author{ID: "7001", Name: "Анна Выдуманная"}) || c.URL != "https://t.me/c/1000000002/2" {
		t.Errorf("author %+v, url %s", c.Author, c.URL)
	}
	if n := b.store.get(t, nested); n.Thread != post.PostID() || n.ReplyTo != direct.PostID() {
		t.Errorf("an answer to a comment: thread %s, reply to %s", n.Thread, n.ReplyTo)
	}
	if a := b.store.get(t, aside); !a.Thread.IsZero() || a.Kind != domain.Comment {
		t.Errorf("a message beside the threads came as %s in %s", a.Kind, a.Thread)
	}
	if auto := b.store.get(t, post.Copy()); auto.Origin != post.PostID() || auto.Kind != domain.WallPost || !auto.Author.Org {
		t.Errorf("the automatic forward came as %s by %+v with origin %s", auto.Kind, auto.Author, auto.Origin)
	}
}

func TestThreadOfUnseenCopyIsTheGroupsMessage(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch, talk := b.world.Channel(chanID, "dvor_khv", "Двор"), b.world.Supergroup(groupID, "", "Обсуждение")
	ch.Link(talk)
	talk.SetMember(false)
	post := ch.Post(tgfake.Draft{Text: "до того, как бот вошёл"})
	c := post.Comment(tgfake.Draft{From: anna, Text: "первая"})
	talk.SetMember(true)
	answer := post.Comment(tgfake.Draft{From: boris, Text: "вторая", ReplyTo: c})
	b.drain(&src)
	if got := b.store.get(t, answer).Thread; got != post.Copy().PostID() {
		t.Errorf("thread %s, want the group's copy %s", got, post.Copy().PostID())
	}
	direct := post.Comment(tgfake.Draft{From: boris, Text: "третья"}) // its reply shows the copy
	b.drain(&src)
	if got := b.store.get(t, direct).Thread; got != post.PostID() {
		t.Errorf("thread %s, want %s", got, post.PostID())
	}
}

func TestMemoryOfCopiesSurvivesRestartAndIsBounded(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch, talk := b.world.Channel(chanID, "dvor_khv", "Двор"), b.world.Supergroup(groupID, "", "Обсуждение")
	ch.Link(talk)
	first := ch.Post(tgfake.Draft{Text: "начало"})
	comment := first.Comment(tgfake.Draft{From: anna, Text: "раз"})
	b.drain(&src)
	nested := first.Comment(tgfake.Draft{From: boris, Text: "два", ReplyTo: comment})
	b.drain(&src)
	if got := b.store.get(t, nested).Thread; got != first.PostID() {
		t.Errorf("thread %s after the cursor was read back, want %s", got, first.PostID())
	}
	for i := range 2 * maxCopies {
		ch.Post(tgfake.Draft{Text: fmt.Sprint("сообщение ", i)})
	}
	b.drain(&src)
	cur, err := parseBotCursor(src)
	if err != nil || len(cur.Copies) != maxCopies || len(src.Cursor) > 32<<10 {
		t.Errorf("%d copies in a cursor of %d bytes, %v", len(cur.Copies), len(src.Cursor), err)
	}
}

func TestForumTopicIsNoThread(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	talk := b.world.Supergroup(groupID, "sosedi_khv", "Соседи")
	root := talk.Post(tgfake.Draft{From: anna, Service: "forum_topic_created"})
	m := talk.Post(tgfake.Draft{From: anna, Text: "Лифт стоит", Topic: 1, ReplyTo: root})
	answer := talk.Post(tgfake.Draft{From: boris, Text: "И у нас", Topic: 1, ReplyTo: m})
	b.drain(&src)
	if p := b.store.get(t, m); !p.Thread.IsZero() || !p.ReplyTo.IsZero() || p.URL != "https://t.me/sosedi_khv/2" {
		t.Errorf("thread %s, reply to %s, url %s", p.Thread, p.ReplyTo, p.URL)
	}
	if p := b.store.get(t, answer); !p.Thread.IsZero() || p.ReplyTo != m.PostID() {
		t.Errorf("thread %s, reply to %s", p.Thread, p.ReplyTo)
	}
}

func TestAlbumCaptionMayStandOnTheLastItem(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch, talk := b.world.Channel(chanID, "dvor_khv", "Двор"), b.world.Supergroup(groupID, "", "Обсуждение")
	ch.Link(talk)
	ch.SetLooseCopies(true)
	parts := ch.Album(tgfake.Draft{}, tgfake.Draft{Media: "video"}, tgfake.Draft{Text: "Свалка за гаражами"})
	b.drain(&src)
	album := b.store.get(t, parts[0]).Album
	if album == "" {
		t.Fatal("an album's part has no album")
	}
	for i, m := range parts {
		p := b.store.get(t, m)
		if p.Album != album || (p.Text != "") != (i == 2) {
			t.Errorf("part %d: album %q, text %q", i, p.Album, p.Text)
		}
		if auto := b.store.get(t, m.Copy()); auto.Album != "" || auto.Origin != m.PostID() {
			t.Errorf("copy of part %d: album %q, origin %s", i, auto.Album, auto.Origin)
		}
	}
	next := ch.Album(tgfake.Draft{}, tgfake.Draft{Text: "И вторая свалка"})
	b.drain(&src)
	if other := b.store.get(t, next[0]).Album; other == album {
		t.Error("two albums have one name")
	}
}

func TestEditInsideAnAlbum(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	parts := ch.Album(tgfake.Draft{Text: "Свалка"}, tgfake.Draft{})
	b.clock.add(time.Second)
	parts[0].EditText(time.Time{}, "Свалка за домом 4") // before the album was delivered
	b.drain(&src)
	if p := b.store.get(t, parts[0]); p.Text != "Свалка за домом 4" || p.Album == "" || p.EditedAt.IsZero() {
		t.Errorf("edited part: %+v", p)
	}
	if p := b.store.get(t, parts[1]); p.Text != "" || !p.EditedAt.IsZero() {
		t.Errorf("the other part: %+v", p)
	}
}

func TestForwardsOfOnePostShareItsOrigin(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	news := b.world.Channel(-1001000000009, "novosti_vydumki", "Новости")
	news.SetMember(false)
	origin := news.Post(tgfake.Draft{Text: "Прорвало трубу на Четвёртой"})
	ch, talk := b.world.Channel(chanID, "dvor_khv", "Двор"), b.world.Supergroup(groupID, "", "Соседи")
	first := ch.Post(tgfake.Draft{Text: origin.Text(), Forward: &tgfake.Origin{Post: origin}})
	second := talk.Post(tgfake.Draft{From: anna, Text: origin.Text(), Forward: &tgfake.Origin{Post: origin}})
	hidden := talk.Post(tgfake.Draft{From: anna, Text: "переслано", Forward: &tgfake.Origin{Hidden: "Некто"}})
	person := talk.Post(tgfake.Draft{From: anna, Text: "переслано", Forward: &tgfake.Origin{User: &boris}})
	b.drain(&src)
	if a, c := b.store.get(t, first).Origin, b.store.get(t, second).Origin; a != origin.PostID() || c != a {
		t.Errorf("origins %s and %s, want %s", a, c, origin.PostID())
	}
	for _, m := range []*tgfake.Message{hidden, person} {
		if o := b.store.get(t, m).Origin; !o.IsZero() {
			t.Errorf("a forward without a source has origin %s", o)
		}
	}
}

func TestCommentUnderAForwardedChannelPostStaysUnderTheCopy(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	news := b.world.Channel(-1001000000009, "novosti_vydumki", "Новости")
	origin := news.Post(tgfake.Draft{Text: "Прорвало трубу"})
	ch, talk := b.world.Channel(chanID, "dvor_khv", "Двор"), b.world.Supergroup(groupID, "", "Обсуждение")
	ch.Link(talk)
	post := ch.Post(tgfake.Draft{Text: "Прорвало трубу", Forward: &tgfake.Origin{Post: origin}})
	c := post.Comment(tgfake.Draft{From: anna, Text: "У нас тоже нет воды"})
	b.drain(&src)
	if got := b.store.get(t, c).Thread; got != post.Copy().PostID() {
		t.Errorf("thread %s, want the copy %s and never the foreign post", got, post.Copy().PostID())
	}
}

func TestInvisibleEditKeepsTheTextHash(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	m := ch.Post(tgfake.Draft{Text: "Нет горячей воды", Media: "photo"})
	b.drain(&src)
	before := b.store.get(t, m)
	b.clock.add(time.Minute)
	m.EditInvisibly(time.Time{})
	b.drain(&src)
	after := b.store.get(t, m)
	if after.EditedAt.IsZero() || before.TextHash() != after.TextHash() {
		t.Errorf("edited at %s, hash kept %v", after.EditedAt, before.TextHash() == after.TextHash())
	}
	m.EditText(time.Time{}, "Нет горячей воды третий день")
	b.drain(&src)
	if p := b.store.get(t, m); p.TextHash() == before.TextHash() {
		t.Error("a real edit kept the hash")
	}
}

func TestGroupBecomesSupergroup(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	src.Settings = settings(t, Settings{Homes: map[string]string{"-555": "vaninsky"}})
	old := b.world.Group(-555, "Соседи")
	before := old.Post(tgfake.Draft{From: anna, Text: "не греют батареи"})
	moved := old.Migrate(groupID)
	after := moved.Post(tgfake.Draft{From: anna, Text: "всё ещё не греют"})
	b.drain(&src)
	if p := b.store.get(t, before); p.Home != "vaninsky" || p.URL != "" {
		t.Errorf("before: home %q, url %q", p.Home, p.URL)
	}
	if p := b.store.get(t, after); p.Home != "vaninsky" || p.ID.Owner != fmt.Sprint(groupID) {
		t.Errorf("after: home %q of %s", p.Home, p.ID)
	}
	if cur, _ := parseBotCursor(src); cur.Aliases["-555"] != fmt.Sprint(groupID) {
		t.Errorf("aliases %v", cur.Aliases)
	}
	if b.skips[SkipService] != 2 || len(b.store.posts) != 2 {
		t.Errorf("skips %v, stored %d", b.skips, len(b.store.posts))
	}
}

func TestHiddenLinksAreCutByUTF16(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	m := ch.Post(tgfake.Draft{
		Text:  "🔥🔥 Пожар на Пятой, подробности здесь 👇",
		Links: []tgfake.Link{{Word: "здесь", URL: "https://example.org/pozhar"}},
	})
	b.drain(&src)
	p := b.store.get(t, m)
	if len(p.Attachments) != 1 || p.Attachments[0] != (domain.Attachment{Type: "link", URL: "https://example.org/pozhar", Name: "здесь"}) {
		t.Errorf("attachments %+v", p.Attachments)
	}
	for _, c := range []struct {
		offset, length int
		want           string
	}{{0, 2, "🔥"}, {-3, 2, ""}, {-1, 3, "🔥"}, {0, 1 << 30, "🔥а"}, {99, 4, ""}, {2, -5, ""}, {1 << 62, 1 << 62, ""}} {
		if got := utf16Part("🔥а", c.offset, c.length); got != c.want {
			t.Errorf("utf16Part(%d, %d) = %q, want %q", c.offset, c.length, got, c.want)
		}
	}
}

func TestPrivateMessagesWaitForTheChannelPolicy(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	me := b.world.Dialog(anna)
	m := me.Post(tgfake.Draft{From: anna, Text: "У меня во дворе яма"})
	b.drain(&src)
	if b.store.has(m) || b.skips[SkipPrivate] != 1 || b.world.Queued() != 0 {
		t.Fatalf("stored %v, skips %v, queued %d", b.store.has(m), b.skips, b.world.Queued())
	}
	src.Settings = settings(t, Settings{Dialog: true})
	again := me.Post(tgfake.Draft{From: anna, Text: "Яма всё ещё там"})
	b.drain(&src)
	p := b.store.get(t, again)
	if p.Kind != domain.Message || p.ID.Owner != b.world.BotID() || p.ID.Post != "dialog:7001:2" || p.URL != "" {
		t.Errorf("a private message came as %s %s %q", p.Kind, p.ID, p.URL)
	}
}

func TestOtherKindsOfMessages(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	cases := []struct {
		draft       tgfake.Draft
		text, media string
	}{
		{tgfake.Draft{Media: "sticker", File: "👍"}, "", "[{sticker  👍}]"},
		{tgfake.Draft{Media: "voice"}, "", "[{voice  }]"},
		{tgfake.Draft{Media: "video_note"}, "", "[{video_note  }]"},
		{tgfake.Draft{Media: "animation", Text: "вот так льёт"}, "вот так льёт", "[{animation  }]"},
		{tgfake.Draft{Media: "document", File: "акт.pdf", Text: "акт"}, "акт", "[{document  акт.pdf}]"},
		{tgfake.Draft{Poll: &tgfake.Poll{Question: "Где хуже дороги?", Options: []string{"Центр", "Окраина"}}},
			"Где хуже дороги?\n— Центр\n— Окраина", "[{poll  Где хуже дороги?}]"},
		{tgfake.Draft{Extra: map[string]any{"contact": map[string]any{"phone_number": "+70000000000", "first_name": "Анна"}}}, "", "[{contact  }]"},
		{tgfake.Draft{Extra: map[string]any{"dice": map[string]any{"emoji": "🎲", "value": 3}}}, "", "[{dice  }]"},
		{tgfake.Draft{Extra: map[string]any{"rich_message": map[string]any{"blocks": []any{
			map[string]any{"type": "heading", "text": "Отключения"},
			map[string]any{"type": "paragraph", "text": []any{"Дом 3 ", map[string]any{"type": "bold", "text": "без воды"}}},
			map[string]any{"type": "list", "items": []any{map[string]any{"label": "1.", "blocks": []any{map[string]any{"type": "paragraph", "text": "с утра"}}}}},
		}}}}, "Отключения\nДом 3 без воды\n1. с утра", "[{rich_message  }]"},
	}
	var list []*tgfake.Message
	for _, c := range cases {
		list = append(list, ch.Post(c.draft))
	}
	pinned := ch.Post(tgfake.Draft{Service: "pinned_message", ReplyTo: list[0]})
	b.drain(&src)
	for i, c := range cases {
		p := b.store.get(t, list[i])
		if p.Text != c.text || fmt.Sprint(p.Attachments) != c.media || len(p.Faults) > 0 {
			t.Errorf("case %d: text %q, attachments %v, faults %v", i, p.Text, p.Attachments, p.Faults)
		}
	}
	if b.store.has(pinned) || b.skips[SkipService] != 1 {
		t.Errorf("a service message was stored, skips %v", b.skips)
	}
}

func TestAnonymousAdminSpeaksAsTheGroup(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	src.Settings = settings(t, Settings{Homes: map[string]string{"@sosedi_khv": "solnechny"}})
	talk := b.world.Supergroup(groupID, "Sosedi_khv", "Соседи")
	m := talk.Post(tgfake.Draft{AsChat: talk, Text: "Правила чата прежние"})
	b.drain(&src)
	p := b.store.get(t, m)
	if p.Author != (domain.Author{ID: fmt.Sprint(groupID), Name: "Соседи", Org: true}) || p.Home != "solnechny" {
		t.Errorf("author %+v, home %q", p.Author, p.Home)
	}
}

func TestBadTextIsMendedAndNamed(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	nul := ch.Post(tgfake.Draft{Text: "яма\x00яма"})
	empty := ch.Post(tgfake.Draft{})
	b.drain(&src)
	if p := b.store.get(t, nul); p.Text != "яма яма" || len(p.Faults) == 0 || p.Faults[0].Code != domain.FaultNUL {
		t.Errorf("text %q, faults %v", p.Text, p.Faults)
	}
	if p := b.store.get(t, empty); p.Text != "" {
		t.Errorf("text %q", p.Text)
	}
}
