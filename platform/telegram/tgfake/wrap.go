package tgfake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"
)

// wrap renders one wrap of the page: a message, or an album as its first
// message. The caption of an album is whichever member has one.
func (m *Message) wrap(b *strings.Builder, album []*Message) {
	classes := "tgme_widget_message text_not_supported_wrap js-widget_message"
	if m.draft.Service != "" {
		classes = "tgme_widget_message text_not_supported_wrap service_message js-widget_message"
	}
	post := fmt.Sprintf("%s/%d", m.chat.username, m.id)
	fmt.Fprintf(b, `<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="%s" data-post="%s" data-view="%s">`+"\n", classes, post, m.view(len(album) > 1))
	fmt.Fprintf(b, `  <div class="tgme_widget_message_user"><a href="https://t.me/%s"><i class="tgme_widget_message_user_photo bgcolor4" data-content="О"></i></a></div>`+"\n", m.chat.username)
	b.WriteString(`  <div class="tgme_widget_message_bubble"><i class="tgme_widget_message_bubble_tail"><svg class="bubble_icon" width="9px" height="20px"><g fill="none"><path class="background" d="M8,1 L9,1"></path></g></svg></i>` + "\n")
	fmt.Fprintf(b, `  <div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" href="https://t.me/%s"><span dir="auto">%s</span></a></div>`+"\n", m.chat.username, html.EscapeString(m.chat.title))
	m.forwardHTML(b)
	m.replyHTML(b)
	m.body(b, album)
	m.footer(b, post)
	b.WriteString("  </div>\n</div></div>\n")
}

// view is data-view: base64 of JSON with the channel's inner id as a negative
// number; an album's p is a string with a g behind.
func (m *Message) view(album bool) string {
	var p any = m.id
	if album {
		p = strconv.Itoa(m.id) + "g"
	}
	raw, _ := json.Marshal(map[string]any{"c": m.chat.id + 1_000_000_000_000, "p": p, "t": m.date.Unix(), "h": "0123456789abcdef01"})
	return base64.RawStdEncoding.EncodeToString(raw)
}

func (m *Message) forwardHTML(b *strings.Builder) {
	f := m.draft.Forward
	if f == nil {
		return
	}
	name := `<span class="tgme_widget_message_forwarded_from_name"><span dir="auto">` + html.EscapeString(f.Hidden) + `</span></span>`
	if f.Post != nil {
		c := f.Post.chat
		name = fmt.Sprintf(`<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/%s/%d"><span dir="auto">%s</span></a>`, c.username, f.Post.id, html.EscapeString(c.title))
	}
	fmt.Fprintf(b, `  <div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;%s</div>`+"\n", name)
}

func (m *Message) replyHTML(b *strings.Builder) {
	if m.reply == nil || m.draft.Service != "" {
		return
	}
	fmt.Fprintf(b, `  <a class="tgme_widget_message_reply" href="https://t.me/%s/%d"><div class="tgme_widget_message_author accent_color"><span class="tgme_widget_message_author_name" dir="auto">%s</span></div><div class="tgme_widget_message_text js-message_reply_text" dir="auto">%s</div></a>`+"\n",
		m.chat.username, m.reply.id, html.EscapeString(m.chat.title), html.EscapeString(m.reply.draft.Text))
}

func (m *Message) body(b *strings.Builder, album []*Message) {
	if m.draft.Service != "" {
		fmt.Fprintf(b, `  <div class="tgme_widget_message_text js-message_text" dir="auto">%s changed something</div>`+"\n", html.EscapeString(m.chat.title))
		return
	}
	if m.draft.AppOnly {
		b.WriteString(`  <div class="media_not_supported_cont"><div class="message_media_not_supported_wrap"><div class="message_media_not_supported"><div class="message_media_not_supported_label">Please open Telegram to view this post</div><span class="message_media_view_in_telegram">VIEW IN TELEGRAM</span></div></div></div>` + "\n")
	}
	if len(album) > 1 {
		m.albumHTML(b, album)
		return
	}
	b.WriteString(m.mediaHTML(""))
	m.pollHTML(b)
	if m.draft.Text != "" {
		fmt.Fprintf(b, `  <div class="tgme_widget_message_text js-message_text before_footer" dir="auto">%s<span style="display: inline-block; width: 104px;"></span></div>`+"\n", textHTML(m.draft))
	}
}

func (m *Message) albumHTML(b *strings.Builder, album []*Message) {
	b.WriteString(`  <div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap" style="width:453px;"><div class="tgme_widget_message_grouped js-message_grouped"><div class="tgme_widget_message_grouped_layer js-message_grouped_layer">` + "\n")
	caption := m.draft
	for _, part := range album {
		b.WriteString(part.mediaHTML(" grouped_media_wrap blured"))
		if part.draft.Text != "" {
			caption = part.draft
		}
	}
	b.WriteString("  </div></div></div>\n")
	if caption.Text != "" { // an album's text is nested in itself
		fmt.Fprintf(b, `  <div class="tgme_widget_message_text js-message_text before_footer" dir="auto"><div class="tgme_widget_message_text js-message_text" dir="auto">%s</div></div>`+"\n", textHTML(caption))
	}
}

func (m *Message) mediaHTML(extra string) string {
	href := fmt.Sprintf("https://t.me/%s/%d", m.chat.username, m.id)
	if extra != "" {
		href += "?single"
	}
	picture := fmt.Sprintf("background-image:url('https://cdn4.telegram-cdn.org/file/%d.jpg')", m.id)
	switch m.draft.Media {
	case "photo":
		return fmt.Sprintf(`  <a class="tgme_widget_message_photo_wrap%s js-message_photo" href="%s" style="width:800px;%s"><div class="tgme_widget_message_photo"></div></a>`+"\n", extra, href, picture)
	case "video", "animation":
		return fmt.Sprintf(`  <a class="tgme_widget_message_video_player%s js-message_video_player" href="%s"><i class="tgme_widget_message_video_thumb" style="%s"></i><time class="message_video_duration js-message_video_duration">0:12</time></a>`+"\n", extra, href, picture)
	case "voice":
		return fmt.Sprintf(`  <a class="tgme_widget_message_voice_player js-message_voice_player" href="%s"><time class="tgme_widget_message_voice_duration">27:40</time></a>`+"\n", href)
	case "sticker":
		return `  <div class="tgme_widget_message_sticker_wrap media_supported_cont"><i class="tgme_widget_message_sticker js-sticker_image"></i></div>` + "\n"
	case "document", "audio":
		return fmt.Sprintf(`  <a class="tgme_widget_message_document_wrap" href="%s"><div class="tgme_widget_message_document_icon accent_bg %s"></div><div class="tgme_widget_message_document"><div class="tgme_widget_message_document_title accent_color" dir="auto">%s</div><div class="tgme_widget_message_document_extra" dir="auto">2.1 MB</div></div></a>`+"\n",
			href, map[string]string{"audio": "audio"}[m.draft.Media], html.EscapeString(m.draft.File))
	}
	if l := m.draft.Location; l != nil {
		return fmt.Sprintf(`  <a class="tgme_widget_message_location_wrap" href="https://maps.google.com/maps?q=%v,%v&amp;ll=%v,%v"><div class="tgme_widget_message_location"></div></a>`+"\n", l.Lat, l.Lon, l.Lat, l.Lon)
	}
	return ""
}

func (m *Message) pollHTML(b *strings.Builder) {
	p := m.draft.Poll
	if p == nil {
		return
	}
	fmt.Fprintf(b, `  <div class="tgme_widget_message_poll js-poll"><div class="tgme_widget_message_poll_question">%s</div><div class="tgme_widget_message_poll_type">Anonymous Poll</div>`, html.EscapeString(p.Question))
	for _, o := range p.Options {
		fmt.Fprintf(b, `<div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">33%%</div><div class="tgme_widget_message_poll_option_value"><div class="tgme_widget_message_poll_option_text">%s</div></div></div>`, html.EscapeString(o))
	}
	b.WriteString("</div>\n")
}

// textHTML marks line breaks, emoji and hidden links as t.me does.
func textHTML(d Draft) string {
	s := html.EscapeString(d.Text)
	for _, l := range d.Links {
		word := html.EscapeString(l.Word)
		s = strings.Replace(s, word, fmt.Sprintf(`<a href="%s" target="_blank" rel="noopener">%s</a>`, html.EscapeString(l.URL), word), 1)
	}
	s = strings.ReplaceAll(s, "\n", "<br/>")
	return strings.ReplaceAll(s, "🔥", `<tg-emoji emoji-id="5424972470023104089"><i class="emoji" style="background-image:url('//telegram.org/img/emoji/40/F09F94A5.png')"><b>🔥</b></i></tg-emoji>`)
}

func (m *Message) footer(b *strings.Builder, post string) {
	views := ""
	if m.draft.Views > 0 {
		views = fmt.Sprintf(`<span class="tgme_widget_message_views">%s</span><span class="copyonly"> views</span>`, shortCount(m.draft.Views))
	}
	edited := ""
	if !m.edited.IsZero() {
		edited = "edited &nbsp;"
	}
	fmt.Fprintf(b, `  <div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info short js-message_info">%s<span class="tgme_widget_message_meta">%s<a class="tgme_widget_message_date" href="https://t.me/%s"><time datetime="%s" class="time">%s</time></a></span></div></div>`+"\n",
		views, edited, post, m.date.UTC().Format("2006-01-02T15:04:05+00:00"), m.date.UTC().Format(time.TimeOnly)[:5])
}

// shortCount writes 37200 as 37.2K.
func shortCount(n int) string {
	switch {
	case n >= 1_000_000:
		return strings.Replace(fmt.Sprintf("%.1fM", float64(n)/1e6), ".0M", "M", 1)
	case n >= 1000:
		return strings.Replace(fmt.Sprintf("%.1fK", float64(n)/1e3), ".0K", "K", 1)
	}
	return strconv.Itoa(n)
}
