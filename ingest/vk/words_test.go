package vkingest

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

// What a reader sees of a post without reading files is its text.
func TestWordsOfPosts(t *testing.T) {
	t.Parallel()
	const poll = `{"type":"poll","poll":{"id":1,"owner_id":-1,"question":"Греют ли батареи?","answers":[{"id":1,"text":"Да"},{"id":2,"text":"Нет"}]}}`
	const photo = `{"type":"photo","photo":{"id":2,"owner_id":-1,"text":"Яма у школы","sizes":[{"url":"https://p/1","width":5,"height":5}]}}`
	for name, c := range map[string]struct{ post, want string }{
		"poll alone":           {`{"id":1,"text":"","attachments":[` + poll + `]}`, "Греют ли батареи?\n— Да\n— Нет"},
		"poll below a text":    {`{"id":1,"text":"Спросим жителей","attachments":[` + poll + `]}`, "Спросим жителей\n\nГреют ли батареи?\n— Да\n— Нет"},
		"caption of a picture": {`{"id":1,"text":"","attachments":[` + photo + `]}`, "Яма у школы"},
		"caption under a text": {`{"id":1,"text":"Смотрите","attachments":[` + photo + `]}`, "Смотрите"},
		"video":                {`{"id":1,"attachments":[{"type":"video","video":{"id":1,"owner_id":-1,"title":"Потоп","description":"Вода в подвале"}}]}`, "Потоп\n\nВода в подвале"},
		"link":                 {`{"id":1,"attachments":[{"type":"link","link":{"url":"https://e","title":"Отключения","description":"Где не будет воды","caption":"e.org"}}]}`, "Отключения\n\nГде не будет воды"},
		"article":              {`{"id":1,"attachments":[{"type":"article","article":{"id":1,"owner_id":-1,"url":"https://vk.com/@a","title":"О мусоре","subtitle":"Кто вывозит"}}]}`, "О мусоре\n\nКто вывозит"},
		"file name":            {`{"id":1,"attachments":[{"type":"doc","doc":{"id":1,"owner_id":-1,"title":"акт.pdf"}}]}`, ""},
		"song":                 {`{"id":1,"attachments":[{"type":"audio","audio":{"id":1,"owner_id":-1,"title":"Яма","artist":"Группа"}}]}`, ""},
		"of what was copied":   {`{"id":1,"text":"","copy_history":[{"id":5,"owner_id":-2,"text":"","attachments":[` + photo + `]}]}`, "Яма у школы"},
		"poll that was copied": {`{"id":1,"text":"Голосуйте","copy_history":[{"id":5,"owner_id":-2,"text":"Опрос","attachments":[` + poll + `]}]}`, "Голосуйте\n\nОпрос\n\nГреют ли батареи?\n— Да\n— Нет"},
		"twice the same":       {`{"id":1,"attachments":[{"type":"video","video":{"title":"Яма","description":"Яма"}}]}`, "Яма"},
		"answers of odd shape": {`{"id":1,"attachments":[{"type":"poll","poll":{"question":"Что?","answers":"да"}}]}`, "Что?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := MapPost([]byte(c.post), Frame{Source: source(), Owner: -1})
			if err != nil || p.Text != c.want {
				t.Errorf("%q, %v, want %q", p.Text, err, c.want)
			}
		})
	}
}

func TestWordsOfComments(t *testing.T) {
	t.Parallel()
	raw := `{"id":3,"from_id":5,"date":1795420800,"text":"","attachments":[{"type":"photo","photo":{"text":"Вот она","sizes":[]}}]}`
	p, err := MapComment([]byte(raw), Frame{Source: source(), Owner: -1, Post: 2})
	if err != nil || p.Text != "Вот она" {
		t.Errorf("%q, %v", p.Text, err)
	}
}

// A citizen who sends a post or forwards a neighbour's words into a conversation
// tells of it.
func TestWordsOfMessages(t *testing.T) {
	t.Parallel()
	head := `{"id":1,"conversation_message_id":7,"peer_id":5,"from_id":5,"date":1795420800,"text":"`
	wall := `{"type":"wall","wall":{"id":9,"to_id":-2,"from_id":-2,"date":1,"text":"Нет воды на Садовой"}}`
	for name, c := range map[string]struct {
		message, want string
		origin        domain.PostID
	}{
		"forward":          {head + `","fwd_messages":[{"from_id":8,"text":"У нас темно","date":1}]}`, "У нас темно", domain.PostID{}},
		"forward and text": {head + `Помогите","fwd_messages":[{"from_id":8,"text":"Темно"},{"from_id":9,"text":"И холодно"}]}`, "Помогите\n\nТемно\n\nИ холодно", domain.PostID{}},
		"nested":           {head + `","fwd_messages":[{"from_id":8,"text":"","fwd_messages":[{"from_id":9,"text":"Яма","attachments":[` + wall + `]}]}]}`, "Яма\n\nНет воды на Садовой", postID(-2, 9)},
		"our own words":    {head + `Ответа нет","fwd_messages":[{"from_id":-1,"text":"Передали в работу"}]}`, "Ответа нет", domain.PostID{}},
		"post":             {head + `","attachments":[` + wall + `]}`, "Нет воды на Садовой", postID(-2, 9)},
		"repost":           {head + `","attachments":[{"type":"wall","wall":{"id":9,"to_id":-2,"text":"","copy_history":[{"id":4,"owner_id":-3,"text":"Свалка"}]}}]}`, "Свалка", postID(-3, 4)},
		"comment":          {head + `См.","attachments":[{"type":"wall_reply","wall_reply":{"id":9,"owner_id":-2,"post_id":3,"text":"Фонари не горят"}}]}`, "См.\n\nФонари не горят", domain.PostID{}},
		"odd":              {head + `Яма","fwd_messages":[5,{"text":{}}],"attachments":[{"type":"wall","wall":7}]}`, "Яма", domain.PostID{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, own, err := MapMessage([]byte(c.message), Frame{Source: source(), Owner: -1})
			if err != nil || own || p.Text != c.want || p.Origin != c.origin {
				t.Errorf("%q from %v, own %v, %v", p.Text, p.Origin, own, err)
			}
		})
	}
}

// The preview of a document is not the document.
func TestAttachmentsLinkToThemselves(t *testing.T) {
	t.Parallel()
	a, _ := attachment([]byte(`{"type":"doc","doc":{"id":4,"owner_id":-1,"title":"акт.gif","url":"https://vk.com/doc-1_4","photo_130":"https://p/130"}}`))
	if a.URL != "https://vk.com/doc-1_4" {
		t.Error(a.URL)
	}
}
