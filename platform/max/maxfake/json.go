package maxfake

import "strings"

type object = map[string]any

// json is a user as MAX gives it; last_activity_time is of no account here.
func (u User) json() object {
	o := object{"user_id": u.ID, "first_name": u.FirstName, "is_bot": u.Bot, "last_activity_time": 1775024330000,
		"name": strings.TrimSpace(u.FirstName + " " + u.LastName)}
	if u.LastName != "" {
		o["last_name"] = u.LastName
	}
	if u.Username != "" {
		o["username"] = u.Username
	}
	return o
}

// json is the message as the Bot API gives it.
func (m *Message) json() object {
	o := object{"recipient": m.recipient(), "timestamp": m.date.UnixMilli(), "body": m.body()}
	if m.chat.kind == channel {
		o["stat"] = object{"views": m.draft.Views}
		if m.chat.link != "" {
			o["url"] = m.chat.link + "/" + m.mid[len(m.mid)-10:]
		}
	} else {
		o["sender"] = m.sender().json()
	}
	if m.draft.NoBody {
		o["body"] = nil
	}
	switch {
	case m.draft.Forward != nil:
		f := m.draft.Forward
		o["link"] = object{"type": "forward", "sender": f.sender().json(), "chat_id": f.chat.id, "message": f.body()}
	case m.replied != nil:
		o["link"] = object{"type": "reply", "sender": m.replied.sender().json(), "message": m.replied.body()}
	}
	for k, v := range m.draft.Extra {
		if v == nil {
			delete(o, k)
			continue
		}
		o[k] = v
	}
	return o
}

// recipient: in a dialog MAX names the other side too.
func (m *Message) recipient() object {
	o := object{"chat_id": m.chat.id, "chat_type": m.chat.kind}
	if m.chat.kind == dialog {
		o["user_id"] = m.chat.bot.id
		if m.own != nil {
			o["user_id"] = m.chat.person.ID
		}
	}
	return o
}

func (m *Message) body() object {
	b := object{"mid": m.mid, "seq": m.seq, "text": m.draft.Text}
	var list []object
	for i := range m.draft.Photos {
		list = append(list, object{"type": "image", "payload": object{
			"photo_id": m.seq + int64(i), "token": "token-of-the-picture", "url": "https://i.oneme.ru/i?r=" + m.mid[4:]}})
	}
	if l := m.draft.Location; l != nil {
		list = append(list, object{"type": "location", "latitude": l.Lat, "longitude": l.Lon})
	}
	list = append(list, m.draft.Attachments...)
	if len(list) > 0 {
		b["attachments"] = list
	}
	if len(m.draft.Markup) > 0 {
		b["markup"] = m.draft.Markup
	}
	return b
}
