package tgingest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// One update of every odd kind: a post with what can be read, or a named reason.
func TestOddUpdates(t *testing.T) {
	t.Parallel()
	const (
		channel = `"chat":{"id":-1001,"type":"channel","title":"Двор"}`
		group   = `"chat":{"id":-1002,"type":"supergroup","title":"Соседи"},"from":{"id":7,"first_name":"Анна"}`
		when    = `"date":1773100800`
	)
	post := func(chat, more string) string { return `{"message_id":5,` + when + `,` + chat + more + `}` }
	for name, c := range map[string]struct {
		kind, body string
		why        Skip
		text       string
		files      string
		fault      bool
	}{
		"channel post without text":   {"channel_post", post(channel, ``), "", "", "[]", false},
		"story":                       {"message", post(group, `,"story":{"id":3,"chat":{"id":-1009,"type":"channel"}}`), "", "", "[story]", false},
		"paid media":                  {"channel_post", post(channel, `,"paid_media":{"star_count":5,"paid_media":[{"type":"preview"}]},"caption":"яма"`), "", "яма", "[paid_media]", false},
		"giveaway":                    {"channel_post", post(channel, `,"giveaway":{"chats":[],"winner_count":3,"winners_selection_date":1}`), "", "", "[giveaway]", false},
		"giveaway begins":             {"channel_post", post(channel, `,"giveaway_created":{}`), SkipService, "", "", false},
		"topic message":               {"message", post(group, `,"is_topic_message":true,"message_thread_id":2,"text":"темно"`), "", "темно", "[]", false},
		"topic created":               {"message", post(group, `,"is_topic_message":true,"forum_topic_created":{"name":"ЖКХ","icon_color":1}`), SkipService, "", "", false},
		"became a supergroup":         {"message", post(group, `,"migrate_to_chat_id":-1003`), SkipService, "", "", false},
		"business message":            {"business_message", post(group, `,"business_connection_id":"x","text":"личное"`), SkipUnknown, "", "", false},
		"edited before it was known":  {"edited_message", post(group, `,"edit_date":1773100900,"text":"нет воды"`), "", "нет воды", "[]", false},
		"date is nought":              {"message", `{"message_id":5,"date":0,` + group + `,"text":"нет света"}`, "", "нет света", "[]", false},
		"date is missing":             {"message", `{"message_id":5,` + group + `,"text":"нет света"}`, "", "нет света", "[]", false},
		"date as text":                {"message", `{"message_id":5,"date":"вчера",` + group + `,"text":"нет света"}`, "", "нет света", "[]", true},
		"text is an object":           {"message", post(group, `,"text":{"a":1},"caption":"подпись"`), "", "подпись", "[]", true},
		"entities beyond the text":    {"message", post(group, `,"text":"яма","entities":[{"type":"text_link","offset":90,"length":-4,"url":"https://e"}]`), "", "яма", "[link]", false},
		"checklist":                   {"message", post(group, `,"checklist":{"title":"Не убрано","tasks":[{"id":1,"text":"двор"},{"id":2,"text":"подъезд"}]}`), "", "Не убрано\n— двор\n— подъезд", "[checklist]", false},
		"an object of tomorrow":       {"message", post(group, `,"text":"яма","hologram":{"size":3}`), "", "яма", "[hologram]", false},
		"inaccessible message pinned": {"message", post(group, `,"pinned_message":{"message_id":1,"date":0,"chat":{"id":-1002,"type":"supergroup"}}`), SkipService, "", "", false},
		"no chat":                     {"message", `{"message_id":5,` + when + `,"text":"ничьё"}`, SkipOdd, "", "", false},
		"no message id":               {"message", `{` + when + `,` + group + `,"text":"ничьё"}`, SkipOdd, "", "", false},
		"chat is a number":            {"message", `{"message_id":5,` + when + `,"chat":-1002,"text":"ничьё"}`, SkipOdd, "", "", false},
		"null":                        {"message", `null`, SkipOdd, "", "", false},
		"a list":                      {"message", `[1]`, SkipOdd, "", "", false},
		"private while it is off":     {"message", `{"message_id":5,` + when + `,"chat":{"id":7,"type":"private"},"text":"личное"}`, SkipPrivate, "", "", false},
		"reaction":                    {"message_reaction", `{"chat":{"id":-1002},"message_id":5,"date":1}`, SkipUnknown, "", "", false},
		"rights of the bot":           {"my_chat_member", `{"chat":{"id":-1002},"date":1}`, SkipMembership, "", "", false},
		"deleted business messages":   {"deleted_business_messages", `{"message_ids":[1]}`, SkipUnknown, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, err := telegram.ParseUpdate([]byte(`{"update_id":9,"` + c.kind + `":` + c.body + `}`))
			if err != nil {
				t.Fatal(err)
			}
			m, err := newMapper(domain.Source{ID: 1, Region: "khabarovsk"}, 77, nil)
			if err != nil {
				t.Fatal(err)
			}
			p, why := m.update(u)
			if why != c.why || (p == nil) != (c.why != "") {
				t.Fatalf("skipped %q, want %q; post %+v", why, c.why, p)
			}
			if p == nil {
				return
			}
			var files []string
			for _, a := range p.Attachments {
				files = append(files, a.Type)
			}
			if p.Text != c.text || fmt.Sprint(files) != c.files || (len(p.Faults) > 0) != c.fault {
				t.Errorf("%q %v faults %v", p.Text, files, p.Faults)
			}
			if p.PublishedAt.Year() == 1970 {
				t.Errorf("a missing date became %s", p.PublishedAt)
			}
		})
	}
}

// wrapped is a page with one message of some inside, between two good ones.
func wrapped(inside string) string {
	good := func(id int) string {
		return fmt.Sprintf(`<div class="tgme_widget_message" data-post="dvor_khv/%d"><div class="tgme_widget_message_text">добрый %d</div><a class="tgme_widget_message_date"><time datetime="2026-03-10T01:00:00+00:00"></time></a></div>`, id, id)
	}
	return `<html><body><section class="tgme_channel_history">` + good(1) +
		`<div class="tgme_widget_message" data-post="dvor_khv/2">` + inside + `</div>` + good(3) + `</section></body></html>`
}

func TestOddMarkupOfAPage(t *testing.T) {
	t.Parallel()
	const date = `<a class="tgme_widget_message_date"><time datetime="2026-03-10T02:00:00+00:00"></time></a>`
	text := func(s string) string { return `<div class="tgme_widget_message_text">` + s + `</div>` + date }
	for name, c := range map[string]struct{ inside, text, files string }{
		"emoji of a tag":         {text(`<tg-emoji emoji-id="5"><i class="emoji"><b>🔥</b></i></tg-emoji> горит`), "🔥 горит", "[]"},
		"emoji as a picture":     {text(`<img class="emoji" alt="🚨"> дым`), "🚨 дым", "[]"},
		"spoiler":                {text(`Адрес <tg-spoiler>Ленина 5</tg-spoiler>`), "Адрес Ленина 5", "[]"},
		"spoiler of spans":       {text(`<span class="tgme_spoiler"><span>Ленина</span> 5</span>`), "Ленина 5", "[]"},
		"quote":                  {text(`<blockquote>Нет воды</blockquote>Подтверждаем`), "Нет воды\nПодтверждаем", "[]"},
		"code":                   {text("<pre>дом  5\nдом  6</pre>"), "дом  5\nдом  6", "[]"},
		"nested formats":         {text(`<b><i><u><s>Яма</s></u></i></b> тут`), "Яма тут", "[]"},
		"script inside":          {text(`Яма<script>alert("да")</script>`), "Яма", "[]"},
		"entities":               {text(`a &lt; b &amp;&nbsp;c &#33;`), "a < b &\u00a0c !", "[]"},
		"unclosed tags":          {text(`<b>Яма <i>тут`), "Яма тут", "[]"},
		"poll":                   {`<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Греют?</div><div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_text">Да</div></div></div>` + date, "Греют?\n— Да", "[poll]"},
		"no date":                {`<div class="tgme_widget_message_text">без даты</div>`, "без даты", "[]"},
		"date of nonsense":       {`<div class="tgme_widget_message_text">яма</div><a class="tgme_widget_message_date"><time datetime="вчера"></time></a>`, "яма", "[]"},
		"please open Telegram":   {`<div class="message_media_not_supported">Please open Telegram to view this post</div>` + date, "", "[unsupported]"},
		"opened beside a text":   {`<div class="message_media_not_supported">Please open Telegram</div>` + text("Видно"), "Видно", "[]"},
		"nothing at all":         {``, "", "[]"},
		"views of nonsense":      {text("яма") + `<span class="tgme_widget_message_views">много</span>`, "яма", "[]"},
		"signature":              {text("яма") + `<span class="tgme_widget_message_from_author">Анна</span>`, "яма", "[]"},
		"link to javascript":     {text(`<a href="javascript:void(0)">тут</a>`), "тут", "[]"},
		"hidden link":            {text(`<a href="https://example.org/x">тут</a>`), "тут", "[link]"},
		"telephone":              {text(`звоните <a href="tel:+74212000000">+7 4212 00-00-00</a>`), "звоните +7 4212 00-00-00", "[]"},
		"quote of another":       {`<a class="tgme_widget_message_reply" href="https://t.me/dvor_khv/1"><div class="tgme_widget_message_text">чужое</div></a>` + text("своё"), "своё", "[]"},
		"reactions":              {text("яма") + `<div class="tgme_widget_message_reactions"><span class="tgme_reaction">👎 5</span></div>`, "яма", "[]"},
		"a thousand nested divs": {text(strings.Repeat("<div>", 400) + "глубоко" + strings.Repeat("</div>", 400)), "глубоко", "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pg, err := parsePage([]byte(wrapped(c.inside)))
			if err != nil || len(pg.posts) != 3 {
				t.Fatalf("%d posts, %v", len(pg.posts), err)
			}
			if pg.posts[0].Text != "добрый 1" || pg.posts[2].Text != "добрый 3" {
				t.Errorf("neighbours %q, %q", pg.posts[0].Text, pg.posts[2].Text)
			}
			p := pg.posts[1]
			var files []string
			for _, a := range p.Attachments {
				files = append(files, a.Type)
			}
			if p.Text != c.text || fmt.Sprint(files) != c.files {
				t.Errorf("%q %v, want %q %s", p.Text, files, c.text, c.files)
			}
		})
	}
}

// Messages that cannot be named cost only themselves.
func TestMessagesOfAPageWithoutIdentity(t *testing.T) {
	t.Parallel()
	for _, post := range []string{"", "dvor_khv", "dvor_khv/", "dvor_khv/x", "dvor_khv/-5", "dvor_khv/0", "/7", "dvor_khv/99999999999999999999"} {
		body := strings.Replace(wrapped("<b>x</b>"), `data-post="dvor_khv/2"`, `data-post="`+post+`"`, 1)
		pg, err := parsePage([]byte(body))
		if err != nil || len(pg.posts) != 2 {
			t.Errorf("%q: %d posts, %v", post, len(pg.posts), err)
		}
	}
}

// What t.me shows instead of a page when it is asked too often, or when
// something stands between: refused by name, and the next poll brings all.
func TestPagesThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		fault tgfake.Fault
		want  domain.Reaction
		pause time.Duration
	}{
		"asked too often":         {tgfake.Fault{Status: 429, RetryAfter: 77}, domain.SlowDown, 77 * time.Second},
		"check of a robot":        {tgfake.Fault{Status: 200, Text: `<html><body><form id="challenge-form">Подтвердите, что вы не робот</form></body></html>`}, domain.RetryLater, 0},
		"check with another code": {tgfake.Fault{Status: 403, Text: `<html>Just a moment...</html>`}, domain.AskPerson, 0},
		"provider's block":        {tgfake.Fault{Status: 451, Text: `<html>Доступ ограничен</html>`}, domain.AskPerson, 0},
		"redirect to a login":     {tgfake.Fault{Status: 302, Location: "https://wifi.example/login"}, domain.RetryLater, 0},
		"empty":                   {tgfake.Fault{Status: 200, Text: ""}, domain.RetryLater, 0},
		"JSON":                    {tgfake.Fault{Status: 200, Text: `{"ok":true}`}, domain.RetryLater, 0},
	} {
		b := newBench(t)
		src := previewSource("dvor_khv")
		m := b.world.Channel(chanID, "dvor_khv", "Двор").Post(tgfake.Draft{Text: "яма"})
		c.fault.Method = "preview"
		b.world.Fail(c.fault)
		_, err := b.pages.Pull(t.Context(), src)
		if err == nil {
			t.Errorf("%s: taken for a page", name)
			continue
		}
		if pe := platformError(t, err); pe.Reaction != c.want || pe.RetryAfter != c.pause || pe.Words == "" {
			t.Errorf("%s: %s after %s: %q", name, pe.Reaction, pe.RetryAfter, pe.Words)
		}
		b.poll(&src)
		b.store.get(t, m)
	}
}
