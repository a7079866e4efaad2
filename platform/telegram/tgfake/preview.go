package tgfake

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// servePreview answers /s/<channel>[?before=N]. A name without a list leads to
// the landing page /<name>, as on t.me.
func (w *World) servePreview(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("channel")
	w.note("preview", map[string]string{"channel": name, "before": r.URL.Query().Get("before")})
	f := w.fault("preview")
	if f.before(w, rw, r, false) {
		return
	}
	before, _ := strconv.Atoi(r.URL.Query().Get("before"))
	body, shown := w.page(name, before)
	if body == nil {
		rw.Header().Set("Location", "https://t.me/"+name)
		rw.WriteHeader(http.StatusFound)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	if write(rw, r, f, http.StatusOK, body) && w.opt.Ledger != nil {
		for _, id := range shown {
			w.opt.Ledger.Served(id)
		}
	}
}

// page renders a page and lists the posts on it; nil when there is no list.
func (w *World) page(name string, before int) ([]byte, []domain.PostID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.release()
	c := w.names[strings.ToLower(name)]
	if c == nil || c.kind != channel || !c.preview {
		return nil, nil
	}
	messages, older := c.slice(before, w.opt.PageSize)
	var b strings.Builder
	c.head(&b, messages, older)
	shown := c.wraps(&b, messages)
	if len(messages) == 0 {
		b.WriteString(`<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message_centered"><div class="tme_no_messages_found">No posts found</div></div></div>`)
	}
	b.WriteString("</section>\n  </div>\n</main>\n<script>TWeb.init();</script>\n</body>\n</html>\n<!-- page generated in 12.34ms -->\n")
	return []byte(b.String()), shown
}

// slice takes the last messages before an id; ids are counted, not wraps.
func (c *Chat) slice(before, size int) (list []*Message, older bool) {
	for i := len(c.messages) - 1; i >= 0; i-- {
		m := c.messages[i]
		if m.deleted || (before > 0 && m.id >= before) {
			continue
		}
		if len(list) >= size && (m.album == "" || m.album != list[0].album) { // albums are not torn
			return list, true
		}
		list = append([]*Message{m}, list...)
	}
	return list, false
}

func (c *Chat) head(b *strings.Builder, messages []*Message, older bool) {
	title, name := html.EscapeString(c.title), c.username
	fmt.Fprintf(b, `<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title>%s – Telegram</title><meta property="og:title" content="%s">
`, title, title)
	more := ""
	if older {
		fmt.Fprintf(b, `<link rel="prev" href="/s/%s?before=%d">`+"\n", name, messages[0].id)
		more = fmt.Sprintf(`<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/%s?before=%d" class="tme_messages_more js-messages_more" data-before="%d"></a></div>`,
			name, messages[0].id, messages[0].id)
	}
	fmt.Fprintf(b, `</head>
<body class="widget_frame_base tgme_webpreview emoji_image thin_box_shadow tme_mode no_transitions">
<header class="tgme_header search_collapsed"><div class="tgme_container"><div class="tgme_header_right_column"><section class="tgme_right_column"><div class="tgme_channel_info"><div class="tgme_channel_info_header"><div class="tgme_channel_info_header_title_wrap"><div class="tgme_channel_info_header_title"><span dir="auto">%s</span></div></div><div class="tgme_channel_info_header_username"><a href="https://t.me/%s">@%s</a></div></div></div></section></div></div></header>
<main class="tgme_main" data-url="/%s">
  <div class="tgme_container">
    <section class="tgme_channel_history js-message_history">
%s`, title, name, name, name, more)
}

// wraps renders messages, an album as one, and returns the identities shown.
func (c *Chat) wraps(b *strings.Builder, messages []*Message) []domain.PostID {
	var shown []domain.PostID
	for i := 0; i < len(messages); {
		n := 1
		for messages[i].album != "" && i+n < len(messages) && messages[i+n].album == messages[i].album {
			n++
		}
		messages[i].wrap(b, messages[i:i+n])
		if messages[i].draft.Service == "" {
			shown = append(shown, messages[i].identity())
		}
		i += n
	}
	return shown
}

// serveLanding answers /<name>: the page that offers to open Telegram.
func (w *World) serveLanding(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("channel")
	w.note("landing", map[string]string{"channel": name})
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write([]byte(w.Landing(name)))
}

// Landing is the page of a name without a list: a channel with the preview off,
// a group, a bot, or a name nobody has.
func (w *World) Landing(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.names[strings.ToLower(name)]
	inner := fmt.Sprintf(`<div class="tgme_page_icon"><i class="tgme_icon_user"></i></div><div class="tgme_page_description">If you have <strong>Telegram</strong>, you can contact <a class="tgme_username_link" href="tg://resolve?domain=%s">@%s</a> right away.</div>`, html.EscapeString(name), html.EscapeString(name))
	if c != nil {
		extra := map[string]string{channel: "1 234 subscribers", supergroup: "1 234 members, 56 online"}[c.kind]
		inner = fmt.Sprintf(`<div class="tgme_page_title" dir="auto"><span dir="auto">%s</span></div><div class="tgme_page_extra">%s</div><div class="tgme_page_action"><a class="tgme_action_button_new" href="tg://resolve?domain=%s">View in Telegram</a></div>`,
			html.EscapeString(c.title), extra, c.username)
	}
	return "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>Telegram: Contact @" + html.EscapeString(name) +
		"</title></head>\n<body class=\"no_transition\"><div class=\"tgme_page_wrap\"><div class=\"tgme_body_wrap\"><div class=\"tgme_page\">" +
		inner + "</div></div></div></body>\n</html>\n"
}
