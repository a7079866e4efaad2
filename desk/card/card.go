// Package card is Карточка: one case whole. What was said is a conversation,
// what was done is a history, what can be done next is buttons.
package card

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var viewFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// Store is what the card reads and writes.
type Store interface {
	casework.NamedStore
	CaseWhole(ctx context.Context, sc domain.Scope, id int64) (domain.CaseWhole, error)
	// CasePosts are those after a mark, in the order they came to the case.
	CasePosts(ctx context.Context, sc domain.Scope, id int64, after domain.PostMark, most int) ([]domain.CasePost, error)
	SeenCase(ctx context.Context, sc domain.Scope, id int64) (domain.Case, error)
	CaseByNumber(ctx context.Context, sc domain.Scope, number string) (domain.Case, error)
	ChangeCase(ctx context.Context, sc domain.Scope, ch domain.CaseChange) (domain.Changed, error)
	AnswerToModeration(ctx context.Context, sc domain.Scope, a domain.AnalystAsks) (domain.Changed, error)
	// ReadVoice says what an author's comment under the answer means.
	ReadVoice(ctx context.Context, sc domain.Scope, seen domain.CaseSeen, content bool, by domain.By) (domain.Changed, error)
	// ClosePressed ends a case whose author pressed «Не решено» without words.
	ClosePressed(ctx context.Context, sc domain.Scope, seen domain.CaseSeen, by domain.By) (domain.Changed, error)
	Unjoin(ctx context.Context, sc domain.Scope, seen domain.CaseSeen, by domain.By) (domain.Changed, error)
	SplitCase(ctx context.Context, sc domain.Scope, sp domain.Split, open domain.OpenByPerson, keys func(domain.Judged) []string) (domain.Changed, error)
	AnswerByHand(ctx context.Context, sc domain.Scope, a domain.ByHand) (domain.Changed, error)

	AddNote(ctx context.Context, sc domain.Scope, caseID int64, n domain.CaseNote) error
	AddFile(ctx context.Context, sc domain.Scope, f domain.CaseFile) (int64, error)
	File(ctx context.Context, sc domain.Scope, caseID, fileID int64) (domain.CaseFile, error)
	LinkCases(ctx context.Context, sc domain.Scope, a, b int64, by domain.By) error
	UnlinkCases(ctx context.Context, sc domain.Scope, a, b int64, by domain.By) error
	Stories(ctx context.Context, sc domain.Scope) ([]domain.Story, error)
	AddStory(ctx context.Context, sc domain.Scope, title string, by domain.Doer) (domain.Story, error)
}

// Step is something of a body's work that can be done with a case now, on a page
// of its own.
type Step struct{ Title, Path string }

// Work is a case as the body that has it sees it.
type Work struct {
	Executor string // name, "" for nobody
	Steps    []Step
}

// Card serves the pages.
type Card struct {
	Store Store
	Packs casework.Packs
	Names casework.Names
	// Work is the body's side of a case, by the person; may be nil.
	Work func(r *page.Request, c domain.Case) (Work, error)
}

// Section is the card as the kit wants it.
func (c *Card) Section() (page.Section, error) {
	views, err := fs.Sub(viewFiles, "views")
	if err != nil {
		return page.Section{}, fmt.Errorf("views of the card: %w", err)
	}
	assets, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		return page.Section{}, fmt.Errorf("assets of the card: %w", err)
	}
	return page.Section{Name: "card", Views: views, Assets: assets, Routes: c.routes()}, nil
}

func (c *Card) routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /case", Action: access.SeeCase, Handler: c.find},
		{Pattern: "GET /case/{id}", Action: access.SeeCase, Handler: c.show},
		{Pattern: "GET /case/{id}/posts", Action: access.SeeCase, Handler: c.posts},
		{Pattern: "POST /case/{id}/note", Action: access.Note, Handler: c.note},
		{Pattern: "POST /case/{id}/file", Action: access.Note, Handler: c.upload, Long: true},
		{Pattern: "GET /case/{id}/file/{file}", Action: access.SeeCase, Handler: c.download, Long: true},
		{Pattern: "POST /case/{id}/link", Action: access.Note, Handler: c.link},
		{Pattern: "POST /case/{id}/unlink/{other}", Action: access.Note, Handler: c.unlink},
		{Pattern: "POST /case/{id}/correct", Action: access.Moderate, Handler: c.correct},
		{Pattern: "POST /case/{id}/marks", Action: access.Moderate, Handler: c.marks},
		{Pattern: "POST /case/{id}/story", Action: access.Moderate, Handler: c.story},
		{Pattern: "POST /case/{id}/split", Action: access.Moderate, Handler: c.split},
		{Pattern: "POST /case/{id}/restore", Action: access.Moderate, Handler: c.restore},
		{Pattern: "POST /case/{id}/unjoin", Action: access.Moderate, Handler: c.unjoin},
		{Pattern: "POST /case/{id}/answered", Action: access.RecordAnswer, Handler: c.answered, Long: true},
		{Pattern: "POST /case/{id}/author", Action: access.Moderate, Handler: c.author},
		{Pattern: "POST /case/{id}/withdraw", Action: access.Withdraw, Handler: c.withdraw},
		{Pattern: "POST /case/{id}/term", Action: access.DecideTerm, Handler: c.term},
		{Pattern: "POST /case/{id}/reopen", Action: access.Reopen, Handler: c.reopen},
		{Pattern: "POST /case/{id}/voice", Action: access.Reopen, Handler: c.voice},
		{Pattern: "POST /case/{id}/again", Action: access.Reopen, Handler: c.again},
	}
}

// find goes to a case by its number, ours or that of ПОС or СЭД.
func (c *Card) find(r *page.Request) error {
	number := r.Text("n")
	found, err := c.Store.CaseByNumber(r.Context(), r.Scope, number)
	if err != nil {
		return notSeen(err, number)
	}
	return r.Redirect(fmt.Sprintf("/case/%d", found.ID))
}
