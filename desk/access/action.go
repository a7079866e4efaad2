package access

// Action is something a person does at the desk. Every route names one.
type Action string

// Public is for pages that nobody has to log in for: the login itself.
const Public Action = "public"

// Own is for what everybody who is logged in may do: start page, own password.
const Own Action = "own"

// The actions, by page.
const (
	// Очередь
	SeeQueue       Action = "see_queue"
	Moderate       Action = "moderate"        // accept, correct, join, split, reject
	Withdraw       Action = "withdraw"        // take a case from the body that has it
	DecideReturned Action = "decide_returned" // a body sent it back: another one, or rejected

	// Карточка
	SeeCase      Action = "see_case"
	Note         Action = "note"          // inside only
	RecordAnswer Action = "record_answer" // given by hand, with proof
	DecideTerm   Action = "decide_term"   // which term holds after a correction, R6
	Reopen       Action = "reopen"        // «не решено»

	// Поручения
	SeeInbox    Action = "see_inbox"
	Distribute  Action = "distribute" // accept, hand down, name an executor
	Draft       Action = "draft"
	Approve     Action = "approve"
	Curate      Action = "curate" // watch subordinate bodies and remind them
	SendBack    Action = "send_back"
	AskAuthor   Action = "ask_author"
	AskDeferral Action = "ask_deferral"

	SeeTemplates    Action = "see_templates"
	ManageTemplates Action = "manage_templates" // of one's own bodies; administrators of all

	GrantDeferral Action = "grant_deferral"
	ManageAbsence Action = "manage_absence" // of people of one's body; everybody enters their own

	// Сроки, Аналитика
	SeeTerms     Action = "see_terms"
	SeeAnalytics Action = "see_analytics"
	Export       Action = "export"
	Search       Action = "search"

	// Источники, Правила
	SeeSources    Action = "see_sources"
	ManageSources Action = "manage_sources"
	SeeRules      Action = "see_rules"
	ManageRules   Action = "manage_rules"

	// Объявления
	SeeAnnouncements     Action = "see_announcements"
	WriteAnnouncements   Action = "write_announcements"
	ApproveAnnouncements Action = "approve_announcements" // the head of the control centre, not of any body
	StopAnnouncements    Action = "stop_announcements"

	// Аккаунты
	ManageAccounts Action = "manage_accounts"

	// Пользователи и журнал
	ManageUsers Action = "manage_users"
	SeeJournal  Action = "see_journal"

	// Live is the stream of events; what is in it is filtered by scope.
	Live Action = "live"
)
