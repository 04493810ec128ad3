import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Deep sea green: the one colour that means "Earshot" and nothing else. */
const sea: MantineColorsTuple = [
  '#e8f6f5',
  '#d3ebe9',
  '#a5d6d3',
  '#74c1bc',
  '#4dafa9',
  '#34a49d',
  '#107f79',
  '#0b6f6a',
  '#0b5c5c',
  '#074a49',
];

/** Calm and dense: small type, small gaps, no shadows. Both colour schemes meet WCAG 2.2 AA (test/browser/axe). */
export const theme = createTheme({
  primaryColor: 'sea',
  // White text on a filled part is readable (4.8 to 1) in both schemes, and the part still stands out from a dark page (3.2 to 1).
  primaryShade: { light: 7, dark: 6 },
  colors: { sea },
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  spacing: { xs: '0.375rem', sm: '0.625rem', md: '0.875rem', lg: '1.25rem', xl: '2rem' },
  components: {
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    // A `header` would be a second banner of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
    Badge: { defaultProps: { radius: 'sm', tt: 'none', fw: 600, miw: 'max-content' } },
    Button: { defaultProps: { size: 'xs' } },
    NavLink: { defaultProps: { py: 6, variant: 'light' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Table: { defaultProps: { verticalSpacing: 5, horizontalSpacing: 'sm', fz: 'sm' } },
    Paper: { defaultProps: { withBorder: true, p: 'md' } },
    Tooltip: { defaultProps: { openDelay: 400 } },
  },
});

/**
 * Colors that are readable on their backgrounds: Mantine's own dimmed text and faults of fields are short of 4.5 to 1. Panels stand out from the page by
 * a shade, so that they need no shadow.
 */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#56606b',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-placeholder': '#6b7580',
    '--page-background': '#f5f7f8',
    '--focus-color': sea[7],
  },
  dark: {
    '--mantine-color-dimmed': '#a7b0ba',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-placeholder': '#98a1ab',
    '--page-background': '#1a1b1c',
    '--focus-color': sea[3],
  },
});
