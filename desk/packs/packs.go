// Package packs is the page «Правила»: the region's pack in force, which phrase
// fires and how often people decide otherwise, a box to try a text in, editing
// with every fault named, a dry run over stored posts, activating, rolling back.
package packs

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var files embed.FS

// Version is a stored version of a pack.
type Version struct {
	Hash        string
	CreatedAt   time.Time
	CreatedBy   string
	Active      bool
	ActivatedAt time.Time
	ActivatedBy string
}

// Summary is what a pack holds.
type Summary struct {
	Name, Decree, Status                             string // of the decree, Russian
	Rows, Topics, Phrases, Sentences, Bodies, Places int
	AssignConfidence, AssignMargin                   float64
}

// Fault is one thing wrong with a pack.
type Fault struct {
	File string
	Line int
	What string // Russian
	Mend string
}

// Trial is how a text would be judged.
type Trial struct {
	Verdict domain.Verdict
	Agency  string // short name of the body, "" when it is no problem
	Action  string // what would become of it, Russian
	Groups  []TrialGroup
}

// TrialGroup is one topic, kind or danger that found something in the text.
type TrialGroup struct {
	Title   string
	Score   float64
	Phrases []TrialPhrase
}

// TrialPhrase is a phrase that fired, and where it is written.
type TrialPhrase struct {
	Words  string
	Weight float64
	File   string
	Line   int
}

// Use is how one phrase has done lately.
type Use struct {
	Topic    string `json:"topic"`
	Row      int    `json:"row"`
	Words    string `json:"words"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Fired    int    `json:"fired"`    // posts in which it was found
	Decided  int    `json:"decided"`  // of them: its topic was chosen
	Reversed int    `json:"reversed"` // of these: people decided otherwise
}

// Uses is how all phrases have done.
type Uses struct {
	Posts  int   `json:"posts"`
	Days   int   `json:"days"`
	Silent int   `json:"silent"` // phrases that were never found
	List   []Use `json:"list"`   // by reversals, then by use
}

// DryRun is what another version would change in stored posts.
type DryRun struct {
	Seen    int      `json:"seen"`
	Changed int      `json:"changed"`
	Moved   int      `json:"moved"` // of the changed: to another body
	Shown   []Change `json:"shown"` // the first of them
}

// Change is one post that would be judged otherwise.
type Change struct {
	URL  string `json:"url"`
	Text string `json:"text"` // "" of a restricted case
	Was  string `json:"was"`
	Will string `json:"will"`
	// Moved: it would go to another body.
	Moved bool `json:"moved,omitempty"`
}

// Rules are the packs and what judges by them; cmd hands them in. Whatever
// changes something writes its line of the journal with the change.
type Rules interface {
	Summary(region string) (Summary, error)
	Versions(ctx context.Context, region string) ([]Version, error)
	// Files of a version; domain.ErrNotFound.
	Files(ctx context.Context, region, hash string) (map[string][]byte, error)
	// Save checks a pack whole and stores it as a version that is not in force.
	// Faults mean that nothing was stored.
	Save(ctx context.Context, by domain.Doer, files map[string][]byte, what string) (hash string, faults []Fault, err error)
	// Activate puts a version into force; domain.ErrStale when it is not the
	// version seen that is in force now.
	Activate(ctx context.Context, by domain.Doer, hash, seen string) error
	// Rollback goes back to the version before the one seen; domain.ErrNotFound
	// when there is none, domain.ErrStale as with Activate.
	Rollback(ctx context.Context, by domain.Doer, seen string) (hash string, err error)
	// Models are the versions of models worth showing.
	Models(ctx context.Context, region string) ([]Model, error)
	// RollbackModel goes back from the model seen to the one before it, or to the
	// phrases alone (""); errors as with Rollback.
	RollbackModel(ctx context.Context, by domain.Doer, label, seen string) (hash string, err error)
	// Try judges a text by a version in force or stored ("": in force).
	Try(ctx context.Context, region, hash, text, home string) (Trial, error)
	// DryRun and Uses read stored posts; progress says how far, and true to stop.
	DryRun(ctx context.Context, region, hash string, progress Progress) (DryRun, error)
	Uses(ctx context.Context, region string, days int, progress Progress) (Uses, error)
}

// Progress is told how many posts were seen of about how many; true: stop.
type Progress func(done, total int64) (stop bool)

// Store keeps long work.
type Store interface {
	BeginTask(ctx context.Context, t domain.Background) (int64, error)
	TaskProgress(ctx context.Context, id, done, total int64) (stop bool, err error)
	EndTask(ctx context.Context, id int64, state domain.BackgroundState, result any, sentence string, now time.Time) error
	StopTask(ctx context.Context, region string, id int64) error
	Task(ctx context.Context, region string, id int64) (domain.Background, error)
	LatestTask(ctx context.Context, region, kind, subject string, now time.Time) (domain.Background, error)
}

// Pages of rules.
type Pages struct {
	Rules Rules
	Store Store
	Clock domain.Clock
	Work  *Work // runs the long work
	// Learning orders what takes a process of its own.
	Learning LearningStore
}

// Section is what the desk serves of them.
func (p *Pages) Section() page.Section {
	see, manage := access.SeeRules, access.ManageRules
	return page.Section{Name: "packs", Views: page.Sub(files, "views"), Routes: []page.Route{
		{Pattern: "GET /rules", Action: see, Handler: p.overview},
		{Pattern: "GET /rules/try", Action: see, Handler: p.try},
		{Pattern: "POST /rules/try", Action: see, Handler: p.try},
		{Pattern: "GET /rules/uses", Action: see, Handler: p.uses},
		{Pattern: "GET /rules/uses.xlsx", Action: see, Also: access.Export, Handler: p.usesFile, Long: true},
		{Pattern: "POST /rules/uses", Action: see, Handler: p.countUses},
		{Pattern: "GET /rules/version/{hash}", Action: see, Handler: p.version},
		{Pattern: "GET /rules/version/{hash}/pack.zip", Action: see, Handler: p.download},
		{Pattern: "GET /rules/version/{hash}/edit", Action: manage, Handler: p.edit},
		{Pattern: "POST /rules/version/{hash}/edit", Action: manage, Handler: p.save, Long: true},
		{Pattern: "POST /rules/version/{hash}/dry-run", Action: manage, Handler: p.dryRun},
		{Pattern: "GET /rules/version/{hash}/dry-run.xlsx", Action: see, Also: access.Export, Handler: p.dryRunFile, Long: true},
		{Pattern: "POST /rules/version/{hash}/activate", Action: manage, Handler: p.activate},
		{Pattern: "POST /rules/upload", Action: manage, Handler: p.upload, Long: true},
		{Pattern: "POST /rules/rollback", Action: manage, Handler: p.rollback},
		{Pattern: "POST /rules/model/rollback", Action: manage, Handler: p.rollbackModel},
		{Pattern: "GET /rules/learning", Action: see, Handler: p.learning},
		{Pattern: "POST /rules/learning/dry-run", Action: manage, Handler: p.orderLearning(domain.TaskTrainDryRun)},
		{Pattern: "POST /rules/learning/start", Action: manage, Handler: p.orderLearning(domain.TaskTrain)},
		{Pattern: "GET /rules/learning/{label}/dry-run.xlsx", Action: see, Also: access.Export, Handler: p.learningFile, Long: true},
		{Pattern: "POST /rules/task/{id}/stop", Action: see, Handler: p.stop},
	}}
}

// Kinds of long work.
const (
	kindDryRun = "dry_run"
	kindUses   = "phrase_uses"
)

// usesDays is how far back the use of phrases is counted.
const usesDays = 30

// work is a piece of long work as the page shows it.
type work struct {
	ID            int64
	Running       bool
	Done, Total   int
	Failed        string
	Stopped       bool
	Who, When     string
	Percent       int
	Finished, Has bool
	MayStop       bool
}

// mayStop: nobody ends what another has begun, but for administrators.
func mayStop(r *page.Request, t domain.Background) bool {
	return t.Who == r.User.Login || r.User.HasRole(domain.RoleAdministrator)
}

func showWork(r *page.Request, t domain.Background) work {
	w := work{ID: t.ID, Has: true, Running: t.State == domain.BackgroundRunning, Done: int(t.Done), Total: int(t.Total),
		Stopped: t.State == domain.BackgroundStopped, Finished: t.State == domain.BackgroundDone, MayStop: mayStop(r, t), Who: t.Who, When: r.When(t.CreatedAt)}
	if t.State == domain.BackgroundFailed {
		w.Failed = t.Error
	}
	if t.Total > 0 {
		w.Percent = min(100, int(100*t.Done/t.Total))
	}
	return w
}

func result[T any](t domain.Background) (out T, err error) {
	if t.State == domain.BackgroundDone {
		err = json.Unmarshal(t.Result, &out)
	}
	return out, err
}
