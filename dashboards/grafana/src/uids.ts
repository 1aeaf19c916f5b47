/** Stable names of the dashboards: links and bookmarks hold them. */
export const UIDS = {
  overview: 'auscult-overview',
  source: 'auscult-source',
  model: 'auscult-model',
  health: 'auscult-health',
} as const
