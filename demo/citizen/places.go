package citizen

import (
	"errors"
	"strconv"
	"sync"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/scene"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// Place is where a citizen can write: a wall, a group, or a dialog with a bot.
type Place struct {
	Key      string // of its address on the page
	Region   string
	Platform domain.Platform
	Title    string
	Address  string // of the source that reads it
	Private  bool

	room room
}

// room is how a place works. A private one holds a single conversation of each
// person, whose thread is "".
type room interface {
	threads(most int) []scene.Line
	thread(p Person, id string) []scene.Line
	write(p Person, under, text string) (thread string, err error)
	press(p Person, label string) error
}

var (
	errNoThread = errors.New("the thread is gone")
	errNoButton = errors.New("nobody presses buttons here")
)

// public is what threads that anybody reads share: no buttons.
type public struct{}

func (public) press(Person, string) error { return errNoButton }

// private is what dialogs share: no list of threads.
type private struct{}

func (private) threads(int) []scene.Line { return nil }

// VKWall is the wall of a community.
func VKWall(vk *vkfake.Server, owner int64) Place {
	return Place{Platform: domain.VK, Address: strconv.FormatInt(owner, 10), room: vkWall{vk: vk, owner: owner}}
}

type vkWall struct {
	public

	vk    *vkfake.Server
	owner int64
}

func (w vkWall) threads(most int) []scene.Line { return w.vk.Board(w.owner, most) }

func (w vkWall) thread(_ Person, id string) []scene.Line {
	post, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	return w.vk.Thread(w.owner, post)
}

func (w vkWall) write(p Person, under, text string) (string, error) {
	if under == "" {
		return w.vk.AddPost(vkfake.Post{Owner: w.owner, From: p.Number, Text: text}).Post, nil
	}
	post, err := strconv.ParseInt(under, 10, 64)
	if err != nil {
		return "", errNoThread
	}
	_, err = w.vk.AddComment(vkfake.Comment{Owner: w.owner, Post: post, From: p.Number, Text: text})
	return under, err
}

// VKDialog is the messages of an own community.
func VKDialog(vk *vkfake.Server, group int64) Place {
	return Place{Platform: domain.VK, Address: strconv.FormatInt(group, 10), Private: true, room: vkDialog{vk: vk, group: group}}
}

type vkDialog struct {
	private

	vk    *vkfake.Server
	group int64
}

func (d vkDialog) thread(p Person, _ string) []scene.Line { return d.vk.Talk(d.group, p.Number) }

func (d vkDialog) write(p Person, _, text string) (string, error) {
	d.vk.AddMessage(vkfake.Message{Group: d.group, From: p.Number, Text: text})
	return "", nil
}

func (d vkDialog) press(p Person, label string) error {
	_, err := d.vk.Press(d.group, p.Number, label)
	return err
}

// TelegramGroup is a group that the bot sits in.
func TelegramGroup(chat *tgfake.Chat) Place {
	return Place{Platform: domain.Telegram, Address: strconv.FormatInt(chat.ID(), 10), room: telegramGroup{chat: chat}}
}

type telegramGroup struct {
	public

	chat *tgfake.Chat
}

func (g telegramGroup) threads(most int) []scene.Line { return scene.Threads(g.chat.View(), most) }

func (g telegramGroup) thread(_ Person, id string) []scene.Line {
	return scene.Thread(g.chat.View(), id)
}

func (g telegramGroup) write(p Person, under, text string) (string, error) {
	d := tgfake.Draft{From: p.telegram(), Text: text}
	if under == "" {
		return strconv.Itoa(g.chat.Post(d).MessageID()), nil
	}
	number, err := strconv.Atoi(under)
	if err != nil {
		return "", errNoThread
	}
	if d.ReplyTo = g.chat.Message(number); d.ReplyTo == nil {
		return "", errNoThread
	}
	g.chat.Post(d)
	return under, nil
}

// TelegramDialog is the private chats of the bot.
func TelegramDialog(world *tgfake.World) Place {
	return Place{Platform: domain.Telegram, Address: world.BotID(), Private: true, room: &dialogs[*tgfake.Chat]{chats: map[int64]*tgfake.Chat{},
		open: func(p Person) *tgfake.Chat { return world.Dialog(p.telegram()) },
		say:  func(c *tgfake.Chat, p Person, text string) { c.Post(tgfake.Draft{From: p.telegram(), Text: text}) }}}
}

// conversation is a person's chat with a bot.
type conversation interface {
	View() []scene.Line
	Press(label string) error
}

// dialogs are the private chats of a bot, opened when somebody first writes.
type dialogs[C conversation] struct {
	private

	open func(p Person) C
	say  func(c C, p Person, text string)

	mu    sync.Mutex
	chats map[int64]C // by person
}

// chat finds a person's chat, and opens it when there is none.
func (d *dialogs[C]) chat(p Person) C {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.chats[p.Number]
	if !ok {
		c = d.open(p)
		d.chats[p.Number] = c
	}
	return c
}

func (d *dialogs[C]) thread(p Person, _ string) []scene.Line {
	d.mu.Lock()
	c, ok := d.chats[p.Number]
	d.mu.Unlock()
	if !ok {
		return nil
	}
	return c.View()
}

func (d *dialogs[C]) write(p Person, _, text string) (string, error) {
	d.say(d.chat(p), p, text)
	return "", nil
}

func (d *dialogs[C]) press(p Person, label string) error { return d.chat(p).Press(label) }

// MAXGroup is a group that the bot leads.
func MAXGroup(chat *maxfake.Chat) Place {
	return Place{Platform: domain.MAX, Address: strconv.FormatInt(chat.ID(), 10), room: maxGroup{chat: chat}}
}

type maxGroup struct {
	public

	chat *maxfake.Chat
}

func (g maxGroup) threads(most int) []scene.Line { return scene.Threads(g.chat.View(), most) }

func (g maxGroup) thread(_ Person, id string) []scene.Line { return scene.Thread(g.chat.View(), id) }

func (g maxGroup) write(p Person, under, text string) (string, error) {
	d := maxfake.Draft{From: p.max(), Text: text}
	if under == "" {
		return g.chat.Post(d).ID(), nil
	}
	if d.ReplyTo = g.chat.Message(under); d.ReplyTo == nil {
		return "", errNoThread
	}
	g.chat.Post(d)
	return under, nil
}

// MAXDialog is the dialogs of the bot.
func MAXDialog(bot *maxfake.Bot) Place {
	return Place{Platform: domain.MAX, Address: bot.ID(), Private: true, room: &dialogs[*maxfake.Chat]{chats: map[int64]*maxfake.Chat{},
		open: func(p Person) *maxfake.Chat { return bot.Dialog(p.max(), "") },
		say:  func(c *maxfake.Chat, _ Person, text string) { c.Post(maxfake.Draft{Text: text}) }}}
}
