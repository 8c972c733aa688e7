SELECT id, jsonb_build_object(
  'id', id, 'title', title, 'handle', handle, 'subtitle', subtitle, 'description', description,
  'metadata', metadata, 'erp', metadata -> 'erp', 'wash', metadata #> '{care,wash}',
  'season', coalesce(metadata ->> 'season', 'all of the year'), 'grams', weight::numeric,
  'path', '/products/' || replace(lower(title), ' ', '-'),
  'is_new', created_at > {clock} - interval '3 s',
  'created', floor(extract(epoch FROM created_at)),
  'collection', (SELECT c.title FROM product_collection c
                 WHERE c.id = collection_id AND c.deleted_at IS NULL),
  'type', (SELECT value FROM product_type t WHERE t.id = type_id AND t.deleted_at IS NULL),
  'tags', coalesce((SELECT jsonb_agg(value ORDER BY t.id) FROM product_tags
                    JOIN product_tag t ON t.id = product_tag_id
                    WHERE product_id = product.id AND t.deleted_at IS NULL), '[]'),
  'categories', (
    WITH RECURSIVE up AS (
      SELECT c.id AS leaf, c.parent_category_id AS parent, ARRAY[c.name] AS names
      FROM product_category_product JOIN product_category c ON c.id = product_category_id
      WHERE product_id = product.id AND c.is_active AND NOT c.is_internal
        AND c.deleted_at IS NULL
      UNION ALL
      SELECT leaf, c.parent_category_id, c.name || names
      FROM up JOIN product_category c ON c.id = up.parent),
    path AS (
      SELECT n, array_to_string(names[1:n], ' > ') AS path, min(leaf) AS leaf
      FROM up, generate_series(1, cardinality(names)) n WHERE parent IS NULL GROUP BY 1, 2),
    level AS (SELECT n, jsonb_agg(path ORDER BY leaf) AS paths FROM path GROUP BY n)
    SELECT jsonb_object_agg('lvl' || n - 1, paths) FROM level),
  'category_handles', coalesce((
    WITH RECURSIVE up AS (
      SELECT c.id AS leaf, 0 AS depth, c.handle, c.parent_category_id AS parent
      FROM product_category_product JOIN product_category c ON c.id = product_category_id
      WHERE product_id = product.id AND c.deleted_at IS NULL
      UNION ALL
      SELECT leaf, depth + 1, c.handle, c.parent_category_id
      FROM up JOIN product_category c ON c.id = up.parent),
    numbered AS (
      SELECT handle, row_number() OVER (ORDER BY leaf, depth DESC) AS number FROM up),
    firsts AS (SELECT handle, min(number) AS first FROM numbered GROUP BY handle)
    SELECT jsonb_agg(handle ORDER BY first) FROM firsts), '[]'),
  'category_names', coalesce((
    WITH numbered AS (
      SELECT above.name, row_number() OVER (ORDER BY c.id, n) AS number
      FROM product_category_product JOIN product_category c ON c.id = product_category_id,
        string_to_table(c.mpath, '.') WITH ORDINALITY AS piece (id, n)
        JOIN product_category above ON above.id = piece.id
      WHERE product_id = product.id AND c.deleted_at IS NULL),
    firsts AS (SELECT name, min(number) AS first FROM numbered GROUP BY name)
    SELECT jsonb_agg(name ORDER BY first) FROM firsts), '[]'),
  'keywords', coalesce((
    SELECT jsonb_agg(word ORDER BY first) FROM (
      SELECT word, min(ARRAY[number::text, id]) AS first FROM (
        SELECT 1, id, value FROM product_type t WHERE t.id = type_id
        UNION ALL SELECT 2, t.id, value
        FROM product_tags JOIN product_tag t ON t.id = product_tag_id
        WHERE product_id = product.id
        UNION ALL SELECT 3, id, c.title FROM product_collection c WHERE c.id = collection_id)
        AS words (number, id, word) GROUP BY word) AS firsts), '[]'),
  'images', coalesce((SELECT jsonb_agg(url ORDER BY rank, i.id) FROM image i
                      WHERE product_id = product.id AND i.deleted_at IS NULL), '[]'),
  'options', coalesce((
    SELECT jsonb_agg(jsonb_build_object('title', o.title, 'values', coalesce((
        SELECT jsonb_agg(value ORDER BY v.id) FROM product_option_value v
        WHERE option_id = o.id AND v.deleted_at IS NULL), '[]')) ORDER BY o.title, o.id)
    FROM product_option o WHERE product_id = product.id AND o.deleted_at IS NULL), '[]'),
  'variants', coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'id', v.id, 'title', v.title, 'sku', sku, 'weight', v.weight,
      'allow_backorder', allow_backorder,
      'options', (SELECT jsonb_object_agg(o.title, value ORDER BY ov.id DESC)
                  FROM product_variant_option JOIN product_option_value ov
                    ON ov.id = option_value_id JOIN product_option o ON o.id = ov.option_id
                  WHERE variant_id = v.id),
      'prices', coalesce((
        SELECT jsonb_agg(jsonb_build_object('currency', currency_code, 'amount', amount)
                         ORDER BY ps.price_set_id, p.id)
        FROM product_variant_price_set ps JOIN price p ON p.price_set_id = ps.price_set_id
        WHERE ps.variant_id = v.id AND p.deleted_at IS NULL AND p.price_list_id IS NULL
          AND NOT EXISTS (SELECT FROM price_rule WHERE price_id = p.id)), '[]'),
      'stock', coalesce((
        SELECT sum(greatest(stocked_quantity - reserved_quantity, 0))
        FROM product_variant_inventory_item i JOIN inventory_level l
          ON l.inventory_item_id = i.inventory_item_id
        WHERE variant_id = v.id AND l.deleted_at IS NULL), 0))
      ORDER BY v.variant_rank DESC NULLS FIRST, v.id)
    FROM product_variant v WHERE product_id = product.id AND v.deleted_at IS NULL), '[]'),
  'values', coalesce((
    SELECT jsonb_agg(value ORDER BY first) FROM (
      SELECT value, min(number) AS first FROM (
        SELECT value, row_number() OVER (ORDER BY v.id, ov.id) AS number
        FROM product_variant v JOIN product_variant_option ON variant_id = v.id
          JOIN product_option_value ov ON ov.id = option_value_id
        WHERE product_id = product.id) AS numbered GROUP BY value) AS firsts), '[]'),
  'price_eur', (
    SELECT min(amount) FROM product_variant v
      JOIN product_variant_price_set ps ON variant_id = v.id
      JOIN price p ON p.price_set_id = ps.price_set_id
    WHERE product_id = product.id AND v.deleted_at IS NULL AND p.deleted_at IS NULL
      AND currency_code = 'eur' AND price_list_id IS NULL),
  'raw_eur', (
    SELECT max((raw_amount ->> 'value')::numeric) FROM product_variant v
      JOIN product_variant_price_set ps ON variant_id = v.id
      JOIN price p ON p.price_set_id = ps.price_set_id
    WHERE product_id = product.id AND currency_code = 'eur'),
  'sale_eur', (
    SELECT min(amount) FROM product_variant v
      JOIN product_variant_price_set ps ON variant_id = v.id
      JOIN price p ON p.price_set_id = ps.price_set_id
      JOIN price_list pl ON pl.id = price_list_id
    WHERE product_id = product.id AND v.deleted_at IS NULL AND p.deleted_at IS NULL
      AND currency_code = 'eur' AND pl.type = 'sale' AND pl.status = 'active'
      AND pl.deleted_at IS NULL AND coalesce(pl.starts_at <= {clock}, true)
      AND coalesce(pl.ends_at > {clock}, true)),
  'in_stock', EXISTS (
    SELECT FROM product_variant v WHERE product_id = product.id AND v.deleted_at IS NULL
      AND (NOT manage_inventory OR allow_backorder OR EXISTS (
        SELECT FROM product_variant_inventory_item i JOIN inventory_level l
          ON l.inventory_item_id = i.inventory_item_id
        WHERE variant_id = v.id AND stocked_quantity > reserved_quantity))),
  'channels', coalesce((
    SELECT jsonb_agg(name ORDER BY c.id) FROM product_sales_channel l
      JOIN sales_channel c ON c.id = sales_channel_id
    WHERE product_id = product.id AND l.deleted_at IS NULL AND NOT is_disabled), '[]'))
FROM product WHERE status = 'published' AND deleted_at IS NULL
