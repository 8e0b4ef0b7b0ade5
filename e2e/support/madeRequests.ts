/** stories15m has no chat template: this one is for tests. It knows tools, and tells little of them: the context is short. */
export const CHAT_TEMPLATE = `{{ bos_token }}{% if tools %}Write <tool_call> to use {% for t in tools %}{{ t.function.name }} {% endfor %}\n{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:`;

/** A short answer that is drawn the same each time. */
export const CHAT = {
  model: 'stories15m',
  messages: [{ role: 'user' as const, content: 'Once upon a time' }],
  chat_template: CHAT_TEMPLATE,
  max_tokens: 12,
  temperature: 0.8,
  seed: 3,
};

export const WEATHER_PARAMETERS = {
  type: 'object',
  properties: { town: { type: 'string', maxLength: 16 }, unit: { enum: ['celsius', 'fahrenheit'] } },
  required: ['town', 'unit'],
  additionalProperties: false,
};

export const PERSON = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1, maxLength: 12 }, age: { type: 'integer', minimum: 0, maximum: 120 } },
  required: ['name', 'age'],
  additionalProperties: false,
};
