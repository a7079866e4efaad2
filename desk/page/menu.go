package page

import (
	"context"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/domain"
)

// menuItem is a place in the top bar; it is there when some section serves it.
type menuItem struct {
	title, path string
	action      access.Action
	count       func(ctx context.Context, s domain.Scope, u domain.User) (int, error)
}

// allMenu is the top bar in its order.
func allMenu() []menuItem {
	return []menuItem{
		{title: "Очередь", path: "/queue", action: access.SeeQueue},
		{title: "Поручения", path: "/inbox", action: access.SeeInbox},
		{title: "Сроки", path: "/terms", action: access.SeeTerms},
		{title: "Аналитика", path: "/analytics", action: access.SeeAnalytics},
		{title: "Объявления", path: "/announcements", action: access.SeeAnnouncements},
		{title: "Источники", path: "/sources", action: access.SeeSources},
		{title: "Аккаунты", path: "/accounts", action: access.ManageAccounts},
		{title: "Правила", path: "/rules", action: access.SeeRules},
		{title: "Пользователи", path: "/users", action: access.ManageUsers},
		{title: "Журнал", path: "/journal", action: access.SeeJournal},
	}
}

func menuOf(sections []Section) []menuItem {
	var out []menuItem
	for _, item := range allMenu() {
		served := false
		for _, s := range sections {
			for _, r := range s.Routes {
				served = served || r.Pattern == "GET "+item.path
			}
			if count := s.Counts[item.path]; count != nil {
				item.count = count
			}
		}
		if served {
			out = append(out, item)
		}
	}
	return out
}

// menuView is an item as a person sees it.
type menuView struct {
	Title, Path string
	Here        bool
	Count       int // 0 shows nothing
}

func (k *Kit) menuFor(r *Request) []menuView {
	var out []menuView
	for _, item := range k.menu {
		if !r.Can(item.action, access.Object{}) {
			continue
		}
		v := menuView{Title: item.title, Path: item.path,
			Here: r.URL.Path == item.path || strings.HasPrefix(r.URL.Path, item.path+"/")}
		if item.count != nil {
			n, err := item.count(r.Context(), r.ScopeFor(item.action), r.User)
			if err != nil {
				r.Log.Warn("count for the menu", "path", item.path, "err", err)
			}
			v.Count = n
		}
		out = append(out, v)
	}
	return out
}

// Start is the page a person begins at: the first of the menu they may open.
func (r *Request) Start() string {
	if menu := r.kit.menuFor(r); len(menu) > 0 {
		return menu[0].Path
	}
	return "/account"
}

func roleWords(u domain.User) string {
	var out []string
	for _, role := range domain.StaffRoles() {
		if u.HasRole(role) {
			out = append(out, domain.RoleTitle(role))
		}
	}
	return strings.Join(out, ", ")
}
