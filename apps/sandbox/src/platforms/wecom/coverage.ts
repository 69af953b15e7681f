import type { Coverage } from '#sandbox/platforms/lark/coverage.ts'

/** What is honoured of WeCom; a test keeps it equal to the message types that are read. */
export const coverage: Coverage[] = [
  {
    method: 'POST',
    path: 'wecom /cgi-bin/webhook/send',
    support: 'partial',
    fields:
      'key; text ≤ 2048 bytes with mentioned_list and mentioned_mobile_list; markdown, markdown_v2 ≤ 4096 bytes; image ≤ 2 MB with md5; news 1-8, cut; template_card text_notice and news_notice with card_action, ≤ 6 horizontal, ≤ 3 jumps; 20 a minute',
    codes: '-1 40007 40008 40009 40058 43002 44004 45009 47001 93000 93004 93008',
    notes:
      'No upload_media, so file and voice are always 40007. The window is a rolling minute; whether refused calls count is not documented, here they do not. 40007, 40009, 43002 and 47001 are from the general error list. Members’ user ids are the sandbox’s own ids.',
  },
]
